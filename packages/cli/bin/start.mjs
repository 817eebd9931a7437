// Runs on any Node: starts the bundle of an installed package, or the sources in the repository, on a Node that can run them.
import { existsSync, readFileSync } from 'node:fs'
import * as module from 'node:module'
import { fileURLToPath } from 'node:url'

const BUNDLE = new URL('../lib/main.mjs', import.meta.url)
const OLDEST = [24, 15]

const isRecent = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}

export async function start(binary) {
  if (process.argv.length === 3 && process.argv[2] === '--version') return printVersion()
  if (!isRecent()) return startOnPinnedNode()
  // An old Node has none, and an import of it by name would fail before anything could be said.
  module.enableCompileCache()
  hideExpectedWarnings()
  const { main } = await import(existsSync(BUNDLE) ? BUNDLE : '../src/main.ts')
  process.exitCode = await main(binary, process.argv.slice(2))
}

/** Types are stripped by an experimental function of Node; whoever runs a command need not be told. */
function hideExpectedWarnings() {
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`)
  })
}

function printVersion() {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  process.stdout.write(`${version}\n`)
}

async function startOnPinnedNode() {
  const pinned = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url))
  if (!existsSync(pinned)) {
    process.stderr.write(`Tenon needs Node ${OLDEST.join('.')} or later; this is ${process.version}.\n`)
    process.exitCode = 2
    return
  }
  // Whoever runs a Node that is recent enough need not load it.
  const { spawn } = await import('node:child_process')
  const child = spawn(pinned, process.argv.slice(1), { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 2)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
