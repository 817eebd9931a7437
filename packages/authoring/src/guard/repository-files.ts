import { CHECKPOINT, LEDGER, REGISTRY } from '../identity/identity-store.ts'
import { identitiesOf } from '../identity/identities.ts'
import { registryText } from '../identity/registry.ts'
import { guardWorkflow, postMergeWorkflow, releaseWorkflow } from './workflows.ts'

export const GUARD = 'scripts/ids/guard.mjs'
export const ATTRIBUTES = '.gitattributes'

/** What the ledger and the registry are while nothing was sealed. */
export const INITIAL_FILES: Readonly<Record<string, string>> = {
  [LEDGER]: '',
  [REGISTRY]: registryText(identitiesOf([])),
}

/** Files that nothing but the seal writes. */
export const isSealedAlone = (path: string): boolean => [LEDGER, CHECKPOINT, REGISTRY].includes(path)

const wrapper = (does: string, command: string): string =>
  `// ${does} Written by "tenon repo init", never edited.
import { run } from './guard.mjs'

process.exitCode = await run([${command}, ...process.argv.slice(2)])
`

/** The files that govern a repository beside the guard, whose text is the toolkit's. */
export const TOOLKIT_FILES: Readonly<Record<string, string>> = {
  '.ledger/.gitattributes': 'ids.jsonl -merge eol=lf\n',
  'scripts/ids/ensure_immutability.ts': wrapper('Fails a change of what never changes.', "'immutability'"),
  'scripts/ids/validate_structure.ts': wrapper('Fails when a repository is not as it must be.', "'state'"),
  'scripts/ids/build_registry.ts': wrapper('Writes ids/registry.yaml as the ledger implies it.', "'registry'"),
  '.github/workflows/id-guard.yml': guardWorkflow,
  '.github/workflows/id-post-merge.yml': postMergeWorkflow,
  '.github/workflows/id-release.yml': releaseWorkflow,
}
