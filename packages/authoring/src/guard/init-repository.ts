import { join } from 'node:path'
import { writeAside } from '@tenon/bundle'
import { prettyJson, TenonError, type Disk, type Problem } from '@tenon/contract'
import { CARDS } from '../identity/card.ts'
import { ATTRIBUTES, GUARD, INITIAL_FILES, TOOLKIT_FILES } from './repository-files.ts'
import { shippedGuard } from './shipped-guard.ts'

/** What was written, and what was there already; paths are from the repository's root. */
export type InitializedRepository = { written: string[]; kept: string[] }

const KEEPER = `${CARDS}/.gitkeep`
const PACK = 'policies/base/1.0.0/pack.yaml'

type Beginning = { path: string; text: string; unless: string }

/** What a repository must have, and goes on from. Each is written where the folder or file named beside it is not. */
const BEGINNINGS: readonly Beginning[] = [
  { path: KEEPER, text: '', unless: CARDS },
  ...Object.entries(INITIAL_FILES).map(([path, text]) => ({ path, text, unless: path })),
  { path: ATTRIBUTES, text: '* text=auto eol=lf\n.ledger/ids.jsonl -merge eol=lf\n', unless: ATTRIBUTES },
  {
    path: PACK,
    unless: 'policies',
    text: `# What every plugin of this repository keeps to.
pack: base
version: 1.0.0
released: 2026-11-20
rules:
  - id: tested
    set:
      coverage.lines: { min: 80 }
      tests.negativePerOperation: { min: 1 }
    reason: An operation without a failing case has not been tried.
    owner: maintainers
  - id: answers-in-time
    set:
      operation.timeoutMs: { max: 30000 }
      health.timeoutMs: { max: 5000 }
      health.failAfter: { max: 3 }
    reason: A plugin that hangs must be seen within a quarter of a minute.
    owner: maintainers
`,
  },
]

/** What helps who works in it, and may be taken away. */
const CONVENIENCES: readonly Beginning[] = [
  { path: '.gitignore', text: 'node_modules/\ndist/\n.tenon/\n.runs/\n', unless: '.gitignore' },
  { path: 'tenon.json', text: prettyJson({ version: 1, plugins: {} }), unless: 'tenon.json' },
]

const toolkitFiles = (): [string, string][] => [...Object.entries(TOOLKIT_FILES), [GUARD, shippedGuard()]]

/**
 * Writes the files that a repository of plugins is governed by, those that are not there yet. Throws FILE_EXISTS with every
 * file of the toolkit that is there with other content, and has then written nothing.
 */
export async function initRepository(disk: Disk, root: string): Promise<InitializedRepository> {
  const problems = (await repositoryDrift(disk, root)).filter(({ code }) => code !== 'FILE_MISSING')
  if (problems.length > 0)
    throw new TenonError(
      'FILE_EXISTS',
      `${problems.length} file(s) are there with other content; nothing was written`,
      {
        problems,
        hint: 'Move them away, or take back what was changed in them.',
      },
    )
  const missing = await missingFiles(disk, root, [...BEGINNINGS, ...CONVENIENCES])
  for (const [path, text] of missing) await writeAside(disk, join(root, path), text)
  const written = missing.map(([path]) => path)
  return {
    written,
    kept: toolkitFiles()
      .map(([path]) => path)
      .filter((path) => !written.includes(path)),
  }
}

async function missingFiles(disk: Disk, root: string, beginnings: readonly Beginning[]): Promise<[string, string][]> {
  const missing: [string, string][] = []
  for (const { path, text, unless } of beginnings)
    if ((await disk.kind(join(root, unless))) === undefined) missing.push([path, text])
  for (const [path, text] of toolkitFiles())
    if ((await disk.kind(join(root, path))) === undefined) missing.push([path, text])
  return missing
}

/** Where the files of the toolkit are not what it writes, and what a repository must have and has not. */
export async function repositoryDrift(disk: Disk, root: string): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const [path] of await missingFiles(disk, root, BEGINNINGS))
    problems.push(problem('FILE_MISSING', path, 'is missing', 'Run "tenon repo init".'))
  for (const [path, text] of toolkitFiles()) {
    const kind = await disk.kind(join(root, path))
    const lying = kind === 'file' ? await disk.read(join(root, path)) : undefined
    if (kind === undefined || (lying !== undefined && Buffer.from(lying).equals(Buffer.from(text)))) continue
    problems.push(
      problem(
        'DERIVED_DRIFT',
        path,
        'is not what "tenon repo init" writes',
        'Take it away, and run "tenon repo init".',
      ),
    )
  }
  return problems
}

const problem = (code: string, file: string, message: string, hint: string): Problem => ({
  pointer: '',
  file,
  code,
  message,
  hint,
})
