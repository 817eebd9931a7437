// npm run bench [-- --quick] [name …]: measures what people wait for, and prints a table. Nothing here is ever asserted.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { install } from './install.ts'
import { ledgerVerify } from './ledger.ts'
import { load, machine } from './machine.ts'
import { mapping } from './mapping.ts'
import { resolution } from './resolution.ts'
import { sandboxCall, sandboxCallLarge, sandboxHerd, sandboxRate, sandboxRateLarge, sandboxStart } from './sandbox.ts'
import { scanning } from './scanning.ts'
import { startUp, tour } from './start-up.ts'
import { keyValueGet, keyValueSet, keyValueTransaction } from './storage.ts'
import { table, type Result } from './table.ts'
import { validating } from './validating.ts'
import type { Bench } from './trials.ts'

const BENCHES: Record<string, { title: string; trials: number; run: Bench }> = {
  'start-up': { title: 'start-up of the command', trials: 20, run: startUp },
  tour: { title: '`tenon up --once` with a fresh data folder', trials: 5, run: tour },
  'sandbox-start': { title: 'start of a node plugin, to its first answer', trials: 20, run: sandboxStart },
  'sandbox-call': { title: 'one call of a running node plugin, 200 bytes', trials: 20, run: sandboxCall },
  'sandbox-call-large': { title: 'one call, 100 KB', trials: 20, run: sandboxCallLarge },
  'sandbox-rate': { title: 'a call of 16 in flight, 200 bytes', trials: 20, run: sandboxRate },
  'sandbox-rate-large': { title: 'a call of 16 in flight, 100 KB', trials: 20, run: sandboxRateLarge },
  'sandbox-herd': { title: '100 node plugins started, memory of each', trials: 2, run: sandboxHerd },
  'key-value-set': { title: 'a value of a plugin, set', trials: 20, run: keyValueSet },
  'key-value-get': { title: 'a value of a plugin, read', trials: 20, run: keyValueGet },
  'key-value-transaction': { title: 'ten values of a plugin, set together', trials: 20, run: keyValueTransaction },
  scanning: { title: 'scan of 2,000 Markdown files', trials: 10, run: scanning },
  ...Object.fromEntries(
    [500, 2_000, 10_000, 50_000].map((files) => [
      `map-${files}`,
      { title: `the map of ${files.toLocaleString('en')} files`, trials: 3, run: mapping(files) },
    ]),
  ),
  validate: { title: '10,000 plugins validated', trials: 3, run: validating },
  'ledger-verify': { title: 'a ledger of 100,000 identity lines, verified', trials: 10, run: ledgerVerify },
  resolution: { title: 'resolution of 50 plugins with 10 versions each', trials: 20, run: resolution },
  install: { title: 'installation of 10 plugins that are in the store', trials: 20, run: install },
}

const { values, positionals } = parseArgs({ options: { quick: { type: 'boolean' } }, allowPositionals: true })
const quick = values.quick === true
const unknown = positionals.filter((name) => !(name in BENCHES))
if (unknown.length > 0)
  throw new Error(`there is no bench ${unknown.join(', ')}; choose of ${Object.keys(BENCHES).join(', ')}`)

// That types are stripped by an experimental function of Node is no news in a table.
process.removeAllListeners('warning')
// The timers of what is measured keep nobody awake.
setInterval(() => {}, 60_000)
console.log(machine().join('\n'))
const results: Result[] = []
for (const [name, { title, trials, run }] of Object.entries(BENCHES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tn-bench-')))
  try {
    results.push({ bench: title, measured: await run(folder, { trials: quick ? 2 : trials, quick }) })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
console.log(
  `\n${table(results)}\n\nload average at the end ${load()}; "against" is how many times longer the first line of a part takes`,
)
process.exit(0)
