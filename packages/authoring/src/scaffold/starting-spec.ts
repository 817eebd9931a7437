import { pascalCase } from '../fences/code-names.ts'
import type { PluginSpec } from '@tenon/contract'

export type ScaffoldKind = PluginSpec['runtime']['kind']

export const SCAFFOLD_KINDS: readonly ScaffoldKind[] = ['node', 'python', 'container', 'remote', 'map']

type Base = Pick<PluginSpec, 'specVersion' | 'id' | 'publisher' | 'name' | 'version' | 'description' | 'license'>

/** The spec that a new plugin of a kind starts with. */
export function startingSpec({
  id,
  kind,
  publisher,
}: {
  id: string
  kind: ScaffoldKind
  publisher: string
}): PluginSpec {
  return SPECS[kind]({
    specVersion: 1,
    id,
    publisher,
    name: id.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase()),
    version: '0.1.0',
    description: `What ${id} does, in a sentence.`,
    license: 'Apache-2.0',
  })
}

const ECHO = { name: 'echo', summary: 'Answers with the text it was given.', input: true, output: true }

const DATASET = {
  inputs: [{ name: 'files', globs: ['**/*'] }],
  outputs: [{ name: 'summary', globs: ['summary.json'], required: true }],
}

const SPECS: Readonly<Record<ScaffoldKind, (base: Base) => PluginSpec>> = {
  node: (base) => ({
    ...base,
    engines: { tenon: '>=0.1.0' },
    runtime: { kind: 'node', entry: 'src/plugin.ts' },
    operations: [{ ...ECHO, idempotent: true }],
    permissions: [],
  }),
  python: (base) => ({
    ...base,
    engines: { tenon: '>=0.1.0', python: '>=3.9' },
    runtime: { kind: 'python', entryPoint: `${base.id.replaceAll('-', '_')}.run:run` },
    dataset: DATASET,
    permissions: [],
  }),
  container: (base) => ({
    ...base,
    engines: { tenon: '>=0.1.0' },
    runtime: {
      kind: 'container',
      image: `localhost/${base.id}:${base.version}`,
      argv: ['python3', '/app/count.py', '{dataset}', '{out}'],
    },
    dataset: DATASET,
    permissions: [],
  }),
  remote: (base) => ({
    ...base,
    runtime: { kind: 'remote', endpoints: { health: '/health', echo: '/api/echo' } },
    operations: [{ ...ECHO, endpoint: { method: 'POST', path: '/api/echo' } }],
    contracts: [`${pascalCase(base.id)}Plugin`],
    traits: ['audit_required'],
    security: { authenticationRequired: true, dataClassification: ['internal'] },
    health: { check: { type: 'http', path: '/health' } },
    permissions: [],
  }),
  map: (base) => ({
    ...base,
    engines: { 'skill-map': '^0.19.0' },
    runtime: { kind: 'map', extensions: ['src/extractor.ts'] },
    permissions: [],
  }),
}
