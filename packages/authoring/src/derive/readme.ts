import type { PluginSpec } from '@tenon/contract'
import { derivedNote, fenced, manualSection, table, tableSection } from './markdown.ts'
import type { PluginFolder } from '../folder/plugin-folder.ts'

/** `README_PLUGIN.md`: purpose, operations with their examples, dataset, settings, permissions, events. */
export function readmeText(spec: PluginSpec, folder: PluginFolder): string {
  const publisher = spec.publisher === undefined ? '' : `, published by ${spec.publisher}`
  const sections = [
    `# ${spec.name}`,
    derivedNote(`tenon plugin derive ${spec.id}`),
    ...(spec.description === undefined ? [] : [spec.description]),
    `Version ${spec.version}${publisher}. Runs as \`${spec.runtime.kind}\`.`,
    ...operations(spec, folder),
    ...dataset(spec),
    ...settings(spec),
    ...permissions(spec),
    ...events(spec),
    '## Notes',
    manualSection('notes', 'Nothing yet.', folder.text('README_PLUGIN.md')),
  ]
  return `${sections.join('\n\n')}\n`
}

function operations({ id, operations: all = [] }: PluginSpec, folder: PluginFolder): string[] {
  const example = (path: string): string[] => {
    const text = folder.text(path)
    return text === undefined ? [] : [fenced('json', text)]
  }
  const sections = all.flatMap(({ name, summary }) => [
    `### ${name}`,
    summary,
    fenced('sh', `tenon call ${id} ${name} --input examples/${name}_request.json`),
    ...example(`examples/${name}_request.json`),
    ...example(`examples/${name}_response.json`),
  ])
  return sections.length === 0 ? [] : ['## Operations', ...sections]
}

function dataset({ id, dataset: declared }: PluginSpec): string[] {
  if (declared === undefined) return []
  const rows = [
    ...(declared.inputs ?? []).map(({ name, globs }) => ['in', name, globs.join(', ')]),
    ...(declared.outputs ?? []).map(({ name, globs }) => ['out', name, globs.join(', ')]),
  ]
  const files = rows.length === 0 ? [] : [table(['direction', 'name', 'files'], rows)]
  return ['## Dataset', fenced('sh', `tenon run ${id} --dataset DIR --out DIR`), ...files]
}

function settings({ settings: declared = {} }: PluginSpec): string[] {
  const rows = Object.entries(declared).map(([id, { type, label, description = label }]) => [
    `\`${id}\``,
    type,
    description,
  ])
  return tableSection('Settings', ['setting', 'type', 'what'], rows)
}

function permissions({ permissions: asked = [] }: PluginSpec): string[] {
  const rows = asked.map(({ capability, reason }) => [`\`${capability}\``, reason])
  return rows.length === 0
    ? ['## Permissions', 'It asks for nothing.']
    : tableSection('Permissions', ['capability', 'reason'], rows)
}

function events({ events: { emits = [], handles = [] } = {} }: PluginSpec): string[] {
  const rows = [
    ...emits.map(({ type, version }) => ['emits', `\`${type}\``, String(version)]),
    ...handles.map(({ type }) => ['handles', `\`${type}\``, '']),
  ]
  return tableSection('Events', ['direction', 'type', 'version'], rows)
}
