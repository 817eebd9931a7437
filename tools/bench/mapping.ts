import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { buildPackages } from '../build/published.ts'
import { notePath, writeNotes } from './notes.ts'
import { runNode } from './processes.ts'
import { interleaved, type Bench, type Measured, type Subject } from './trials.ts'

/** The program as it is installed. */
const SM = fileURLToPath(new URL('../../packages/cli/dist/bin/sm.mjs', import.meta.url))

/** What the map counts tokens with. */
const TOKENIZER = import.meta.resolve('gpt-tokenizer/encoding/cl100k_base')

/** The least that a scan must do: walk a folder, read every file and hash it; with a word, count its tokens too. */
const FLOOR = `import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
const { countTokens } = process.argv[2] ? await import('${TOKENIZER}') : {}
for (const { parentPath, name } of readdirSync('.', { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())) {
  const bytes = readFileSync(join(parentPath, name))
  createHash('sha256').update(bytes).digest('hex')
  if (/[.]md$/.test(name)) countTokens?.(bytes.toString())
}`

const DEBOUNCE_MS = 20

/** A watch gets quicker with the first of what it sees, so that few trials would tell of those alone. */
const WATCH_TRIALS = 5

/** The commands that people wait for, each a process of its own, on so many files; one in a hundred is edited in between. */
export const mapping =
  (files: number): Bench =>
  async (folder, { trials, quick }) => {
    await built()
    const count = quick ? Math.min(files, 500) : files
    writeNotes(folder, count)
    const floor = join(folder, 'floor.mjs')
    writeFileSync(floor, FLOOR)
    mkdirSync(join(folder, '.skill-map'))
    const settings = { schemaVersion: 1, scan: { watch: { debounceMs: DEBOUNCE_MS } } }
    writeFileSync(join(folder, '.skill-map/settings.json'), JSON.stringify(settings))
    const sm = (...words: string[]) => runNode([SM, ...words, '--quiet'], { memory: true, cwd: folder })
    const edit = (): void => {
      for (let index = 0; index < count; index += 100) appendFileSync(join(folder, notePath(index)), 'One more line.\n')
    }
    const subjects: Subject[] = [
      {
        name: 'sm scan, for the first time',
        trial: async () => {
          rmSync(join(folder, '.skill-map/skill-map.db'), { force: true })
          return sm('scan')
        },
      },
      { name: 'walk, read and hash in plain Node', trial: () => runNode([floor], { memory: true, cwd: folder }) },
      {
        name: 'the same, and its tokens counted',
        trial: () => runNode([floor, 'tokens'], { memory: true, cwd: folder }),
      },
      { name: 'sm scan, again', trial: () => sm('scan') },
      {
        name: 'sm scan --changed, one in a hundred edited',
        trial: async () => {
          edit()
          return sm('scan', '--changed')
        },
      },
      { name: 'sm list', trial: () => sm('list') },
      { name: 'sm check', trial: () => sm('check') },
    ]
    const measured = await interleaved(subjects, trials)
    return [...measured, ...(await watched(folder, WATCH_TRIALS * trials))]
  }

let building: Promise<unknown> | undefined
const built = (): Promise<unknown> => (building ??= buildPackages())

/** What may come to one file while a watch goes on. */
const CHANGES: readonly [name: string, make: (folder: string, trial: number) => void][] = [
  ['a save', (folder, trial) => appendFileSync(join(folder, notePath(trial)), 'Saved.\n')],
  ['a new link', (folder, trial) => appendFileSync(join(folder, notePath(trial)), `[New](new-${trial}.md)\n`)],
  ['a new file', (folder, trial) => writeFileSync(join(folder, `new-${trial}.md`), '# New\n')],
  ['a removed file', (folder, trial) => rmSync(join(folder, `new-${trial}.md`))],
]

/** How long a watch takes from each of these to its scan, with the wait for more to change. */
async function watched(folder: string, trials: number): Promise<Measured[]> {
  const child = spawn(process.execPath, [SM, 'watch', '--quiet'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  const measured = CHANGES.map(([name]): Measured => ({ name: `sm watch, from ${name} to its scan`, samples: [] }))
  for (let trial = 0; trial < trials; trial += 1)
    for (const [at, [, make]] of CHANGES.entries()) {
      const told = once(lines, 'line')
      const began = performance.now()
      make(folder, trial)
      await told
      measured[at]?.samples.push({ ms: performance.now() - began })
    }
  child.kill('SIGINT')
  await once(child, 'exit')
  return measured
}
