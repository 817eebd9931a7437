import { codeFences } from '../code-fences.ts'
import type { Checked, Subject } from '../gate.ts'
import { missing, SPEC } from '../plugin-folder.ts'

const DERIVED = ['manifest.json', 'ledger_contract.json', 'policy_snapshot.json', 'README_PLUGIN.md', 'healthcheck.md']
const FOLDERS = ['src', 'tests', 'conformance']

/** What every plugin has, whatever it does; one that is written in TypeScript has its types. */
export function checkBaseline({ spec, folder }: Subject): Checked {
  const made = codeFences(spec, folder).flatMap(({ file, isMade }) => (isMade ? [file] : []))
  const derived = [...DERIVED, ...made]
  const files = derived.filter((path) => folder.text(path) === undefined)
  const folders = FOLDERS.filter((name) => !folder.files.some(({ path }) => path.startsWith(`${name}/`)))
  return {
    // Without its spec a plugin does not come here.
    checked: [SPEC, ...derived, ...FOLDERS].length,
    problems: [
      ...files.map((path) => ({ ...missing(path), hint: `Run "tenon plugin derive ${spec.id}".` })),
      ...folders.map((name) => missing(`${name}/`, 'is missing or empty')),
    ],
  }
}
