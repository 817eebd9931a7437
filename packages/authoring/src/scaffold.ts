import { join } from 'node:path'
import { writeAside } from '@tenon/bundle'
import { isPluginId, prettyJson, TenonError, type Disk, type PluginSpec } from '@tenon/contract'
import { derive, type DerivedFile } from './derive.ts'
import { SPEC } from './plugin-folder.ts'
import { mapFiles } from './scaffold/map.ts'
import { nodeFiles } from './scaffold/node.ts'
import { pythonFiles } from './scaffold/python.ts'
import type { SpecBase } from './scaffold/spec-base.ts'
import { remoteFiles } from './scaffold/remote.ts'

export type ScaffoldKind = 'node' | 'python' | 'remote' | 'map'

export const SCAFFOLD_KINDS: readonly ScaffoldKind[] = ['node', 'python', 'remote', 'map']

type Lane = { spec(base: SpecBase): PluginSpec; files(spec: PluginSpec): DerivedFile[] }

const LANES: Readonly<Record<ScaffoldKind, Lane>> = {
  node: nodeFiles,
  python: pythonFiles,
  remote: remoteFiles,
  map: mapFiles,
}

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

function filesOf({ kind, ...wanted }: { id: string; kind: ScaffoldKind; publisher: string }): DerivedFile[] {
  const spec = LANES[kind].spec(baseOf(wanted))
  return [{ path: SPEC, text: prettyJson(spec) }, ...sharedFiles(spec), ...LANES[kind].files(spec)]
}

const baseOf = ({ id, publisher }: { id: string; publisher: string }): SpecBase => ({
  specVersion: 1,
  id,
  publisher,
  name: id.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase()),
  version: '0.1.0',
  description: `What ${id} does, in a sentence.`,
  license: 'Apache-2.0',
})

const sharedFiles = (spec: PluginSpec): DerivedFile[] => [
  { path: '.gitattributes', text: '* text=auto eol=lf\n' },
  { path: 'CHANGELOG.md', text: `# Changelog\n\n## ${spec.version}\n\nFirst version.\n` },
  { path: 'conformance/behavior/README.md', text: 'Scenarios of what users see, in Gherkin, as `*.feature`.\n' },
]
