import { generatedFiles } from '../derive/generated-files.ts'
import type { Checked, Subject } from './gate.ts'
import { MANIFEST, missing, SPEC } from '../folder/plugin-folder.ts'

const FOLDERS = ['src', 'tests', 'conformance']

/** What every plugin has, whatever it does; one that is written in TypeScript has its types. */
export function checkBaseline({ spec, folder }: Subject): Checked {
  const derived = [MANIFEST, ...generatedFiles(spec)]
  const files = derived.filter((path) => folder.text(path) === undefined)
  const folders = FOLDERS.filter((name) => !folder.files.some(({ path }) => path.startsWith(`${name}/`)))
  return {
    // Without its spec a plugin does not come here.
    checked: [SPEC, ...derived, ...FOLDERS].length,
    problems: [
      ...files.map((path) => ({ ...missing(path), hint: `Run "tenon plugin derive ${spec.id}".` })),
      ...folders.map((name) =>
        missing(`${name}/`, 'is missing or empty', 'Every plugin has it, with a file at least.'),
      ),
    ],
  }
}
