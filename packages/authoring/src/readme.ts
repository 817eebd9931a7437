import type { PluginSpec } from '@tenon/contract'
import { DERIVED_NOTE, fenced, manualSection, table } from './markdown.ts'
import type { PluginFolder } from './plugin-folder.ts'

/** `README_PLUGIN.md`: purpose, operations with their examples, settings, permissions, events. */
export function readmeText(spec: PluginSpec, folder: PluginFolder): string {
  const sections = [
    `# ${spec.name}`,
    DERIVED_NOTE(`tenon plugin derive ${spec.id}`),
    spec.description ?? '',
    `Version ${spec.version}${spec.publisher === undefined ? '' : `, published by ${spec.publisher}`}. Runs as \`${spec.runtime.kind}\`.`,
    ...operations(spec, folder),
    ...dataset(spec),
    ...settings(spec),
    ...permissions(spec),
    ...events(spec),
    '## Notes',
    manualSection('notes', folder.text('README_PLUGIN.md'), 'Nothing yet.'),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

function operations(spec: PluginSpec, folder: PluginFolder): string[] {
  return (spec.operations ?? []).flatMap(({ name, summary }, index) => {
    const example = (kind: string): string[] => {
      const text = folder.text(`examples/${name}_${kind}.json`)
      return text === undefined ? [] : [fenced('json', text)]
    }
    const call = fenced('sh', `tenon call ${spec.id} ${name} --input examples/${name}_request.json`)
    return [
      ...(index === 0 ? ['## Operations'] : []),
      `### ${name}`,
      summary,
      call,
      ...example('request'),
      ...example('response'),
    ]
  })
}

function dataset(spec: PluginSpec): string[] {
  if (spec.dataset === undefined) return []
  const rows = [
    ...(spec.dataset.inputs ?? []).map(({ name, globs }) => ['in', name, globs.join(', ')]),
    ...(spec.dataset.outputs ?? []).map(({ name, globs }) => ['out', name, globs.join(', ')]),
  ]
  const run = fenced('sh', `tenon run ${spec.id} --dataset DIR --out DIR`)
  return ['## Dataset', run, ...(rows.length === 0 ? [] : [table(['direction', 'name', 'files'], rows)])]
}

function settings(spec: PluginSpec): string[] {
  const rows = Object.entries(spec.settings ?? {}).map(([id, setting]) => [
    `\`${id}\``,
    setting.type,
    setting.description ?? setting.label,
  ])
  return rows.length === 0 ? [] : ['## Settings', table(['setting', 'type', 'what'], rows)]
}

function permissions(spec: PluginSpec): string[] {
  const rows = (spec.permissions ?? []).map(({ capability, reason }) => [`\`${capability}\``, reason])
  return rows.length === 0
    ? ['## Permissions', 'It asks for nothing.']
    : ['## Permissions', table(['capability', 'reason'], rows)]
}

function events(spec: PluginSpec): string[] {
  const rows = [
    ...(spec.events?.emits ?? []).map(({ type, version }) => ['emits', `\`${type}\``, String(version)]),
    ...(spec.events?.handles ?? []).map(({ type }) => ['handles', `\`${type}\``, '']),
  ]
  return rows.length === 0 ? [] : ['## Events', table(['direction', 'type', 'version'], rows)]
}
