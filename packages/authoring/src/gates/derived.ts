import { isObject, jsonValue, prettyJson } from '@tenon/contract'
import { derivedChanges, differences } from '../derive/derive.ts'
import { withoutStale } from '../derive/stale-files.ts'
import type { Change } from '../folder/changes.ts'
import { fenceProblems } from '../fences/fenced-files.ts'
import { readJsonFile } from '../folder/json-file.ts'
import { MANIFEST, type PluginFolder } from '../folder/plugin-folder.ts'
import type { Checked, Subject } from './gate.ts'

/** The derived files that are there are as the spec implies; those that are not are the baseline's to tell. */
export function checkDerived({ spec, policies, folder }: Subject): Checked {
  const damaged = fenceProblems(spec, withoutStale(spec, folder))
  if (damaged.length > 0) return { checked: damaged.length, problems: damaged }
  const implied = derivedChanges(spec, policies, folder).filter(({ path }) => folder.text(path) !== undefined)
  const wanted = implied.map((file) => (file.path === MANIFEST ? withItsFiles(file, folder) : file))
  return { checked: implied.length, problems: differences(spec, wanted, folder) }
}

/** Which files a manifest lists, and their digests, is another gate's, which names each of them. */
function withItsFiles({ path, text }: Change, folder: PluginFolder): Change {
  const kept = readJsonFile(folder, path).value
  const files = isObject(kept) ? kept['files'] : undefined
  if (files === undefined || text === undefined || text === folder.text(path)) return { path, text }
  return { path, text: prettyJson({ ...Object(jsonValue(text)), files }) }
}
