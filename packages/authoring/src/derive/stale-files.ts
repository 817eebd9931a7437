import type { PluginSpec } from '@tenon/contract'
import { readFences } from '../fences/fence.ts'
import { fileDigest } from '../folder/file-digest.ts'
import { textOf, withChanges, type PluginFolder } from '../folder/plugin-folder.ts'
import { generatedFiles } from './generated-files.ts'
import { manifestOf } from './manifest.ts'

/** Files that were derived, are implied no more, and hold nothing of anybody's own. */
export function staleFiles(spec: PluginSpec, folder: PluginFolder): string[] {
  const { generated = [], files = {} } = manifestOf(folder) ?? {}
  const implied = generatedFiles(spec)
  const gone = generated.filter((path) => !implied.includes(path))
  if (gone.length === 0) return []
  return folder.files
    .filter((file) => gone.includes(file.path) && files[file.path] === fileDigest(file))
    .filter((file) => isNothingButFence(textOf(file)))
    .map(({ path }) => path)
}

export function withoutStale(spec: PluginSpec, folder: PluginFolder): PluginFolder {
  const changes = staleFiles(spec, folder).map((path) => ({ path, text: undefined }))
  return changes.length === 0 ? folder : withChanges(folder, changes)
}

function isNothingButFence(text: string): boolean {
  const { fences, faults } = readFences(text)
  const [fence] = fences
  return faults.length === 0 && fence?.from === 0 && fence.to === text.trimEnd().split('\n').length - 1
}
