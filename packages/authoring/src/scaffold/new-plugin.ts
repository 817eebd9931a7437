import { join } from 'node:path'
import { writeAside } from '@tenon/bundle'
import { isPluginId, prettyJson, TenonError, type Disk } from '@tenon/contract'
import { derive } from '../derive/derive.ts'
import { SPEC } from '../folder/plugin-folder.ts'
import type { TextFile } from '../folder/text-file.ts'
import { skeletonsOf, TEMPLATE } from './skeletons.ts'
import { startingSpec, type ScaffoldKind } from './starting-spec.ts'

/** Writes a new plugin that validates at once. It is there whole or not at all; an existing folder is left alone. */
export async function newPlugin(
  disk: Disk,
  parent: string,
  policies: string,
  wanted: { id: string; kind: ScaffoldKind; publisher: string },
): Promise<{ root: string; files: string[] }> {
  for (const name of [wanted.id, wanted.publisher])
    if (!isPluginId(name))
      throw new TenonError('REFERENCE_INVALID', `"${name}" is no id`, {
        hint: 'Use lower-case words joined by hyphens.',
      })
  const root = join(parent, wanted.id)
  if ((await disk.kind(root)) !== undefined)
    throw new TenonError('PLUGIN_EXISTS', `${root} exists already`, { hint: 'Choose another id or another folder.' })
  const aside = `${root}.aside`
  await disk.remove(aside)
  const files = filesOf(wanted)
  for (const { path, text } of files) await writeAside(disk, join(aside, path), text)
  const derived = await derive(disk, aside, policies)
  await disk.rename(aside, root)
  await disk.flush(parent)
  return { root, files: [...new Set([...files.map(({ path }) => path), ...derived])].toSorted() }
}

function filesOf(wanted: { id: string; kind: ScaffoldKind; publisher: string }): TextFile[] {
  const spec = startingSpec(wanted)
  return [{ path: SPEC, text: prettyJson(spec) }, ...skeletonsOf(TEMPLATE, spec)]
}
