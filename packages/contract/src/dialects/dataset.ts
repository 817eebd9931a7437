import {
  defined,
  isObject,
  isStringArray,
  nonEmptyText,
  ProblemList,
  type Description,
  type Dialect,
  type DialectReading,
  type ForeignField,
} from '../description.ts'
import { isPluginId } from '../identity.ts'
import type { Json } from '../json-text.ts'

/** What `get_plugin()` of the dataset contract returns. */
const fields: readonly ForeignField[] = [
  { field: 'meta.api_version', becomes: 'refused unless mdivicomtools.plugin.v0.1' },
  { field: 'meta.id', becomes: 'id' },
  { field: 'meta.kind', becomes: 'runtime.kind' },
  { field: 'meta.version', becomes: 'version' },
  { field: 'meta.description', becomes: 'description' },
  { field: 'meta.publisher', becomes: 'publisher' },
  { field: 'meta.name', becomes: 'name' },
  { field: 'meta.homepage', becomes: 'homepage' },
  { field: 'meta.license', becomes: 'license' },
  { field: 'meta.inputs', becomes: 'dataset.inputs' },
  { field: 'meta.outputs', becomes: 'dataset.outputs' },
  { field: 'meta.config_schema', becomes: 'kept in original: a schema in place, not a file' },
  { field: 'meta.authors', becomes: 'kept in original' },
  { field: 'entry.callable', becomes: 'runtime.entryPoint' },
  { field: 'entry.container', becomes: 'runtime (container)' },
]

const API_VERSION = 'mdivicomtools.plugin.v0.1'
const ID = /^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$/
const CALLABLE = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/
const META_KEYS = ['api_version', 'id', 'kind', 'version', 'description', 'publisher']

type Manifest = Record<string, Json>

export const datasetDialect: Dialect = { name: 'dataset', fields, read }

function read(manifest: Json): DialectReading {
  const list = new ProblemList('DATASET')
  const parts = isObject(manifest) ? split(manifest, list) : undefined
  if (parts === undefined) list.add('', 'MANIFEST', 'get_plugin() must return an object')
  else {
    checkMeta(parts.meta, list)
    checkEntry(parts.meta, parts.entry, list)
  }
  const sound = parts !== undefined && list.problems.length === 0
  return {
    description: sound ? describe(manifest as Manifest, parts.meta, parts.entry) : undefined,
    problems: list.problems,
    warnings: list.warnings,
  }
}

/** The older shape has the keys of `meta` and `callable` at the top. */
function split(manifest: Manifest, list: ProblemList): { meta: Manifest; entry: Manifest } {
  if (isObject(manifest['meta']))
    return { meta: manifest['meta'], entry: isObject(manifest['entry']) ? manifest['entry'] : {} }
  if (!META_KEYS.some((key) => key in manifest)) {
    list.add('/meta', 'META', 'meta is required')
    return { meta: {}, entry: {} }
  }
  list.warn('', 'FLAT', 'the flat shape is deprecated', 'Move the fields into "meta" and "entry".')
  const entry = isObject(manifest['entry']) ? manifest['entry'] : defined({ callable: manifest['callable'] })
  return { meta: manifest, entry }
}

function checkMeta(meta: Manifest, list: ProblemList): void {
  const { api_version: api, id, kind, version, description, publisher } = meta
  if (api !== API_VERSION)
    list.add(
      '/meta/api_version',
      'API_VERSION',
      `${JSON.stringify(api ?? null)} is not served`,
      `Use "${API_VERSION}".`,
    )
  if (typeof id !== 'string' || !ID.test(id)) list.add('/meta/id', 'ID', `${JSON.stringify(id ?? null)} is no id`)
  else if (id === '_runs') list.add('/meta/id', 'ID', '"_runs" is reserved')
  if (kind !== 'python' && kind !== 'container')
    list.add('/meta/kind', 'KIND', `${JSON.stringify(kind ?? null)} is neither "python" nor "container"`)
  if (!nonEmptyText(version)) list.add('/meta/version', 'VERSION', 'version is required')
  if (!nonEmptyText(description)) list.add('/meta/description', 'DESCRIPTION', 'description is required')
  if (publisher === undefined) return
  if (typeof publisher !== 'string' || !isPluginId(publisher))
    list.add('/meta/publisher', 'PUBLISHER', `${JSON.stringify(publisher)} is no publisher`)
  else if (publisher === id) list.add('/meta/publisher', 'PUBLISHER', 'publisher and id must differ')
}

function checkEntry(meta: Manifest, entry: Manifest, list: ProblemList): void {
  const { callable, container } = entry
  if (meta['kind'] === 'python' && (typeof callable !== 'string' || !CALLABLE.test(callable)))
    list.add('/entry/callable', 'CALLABLE', `${JSON.stringify(callable ?? null)} does not read like "module:function"`)
  if (meta['kind'] !== 'container') return
  if (!isObject(container)) return list.add('/entry/container', 'CONTAINER', 'a container plugin needs entry.container')
  if (!nonEmptyText(container['image'])) list.add('/entry/container/image', 'CONTAINER', 'image is required')
  if (!isStringArray(container['argv']) || container['argv'].length === 0)
    list.add('/entry/container/argv', 'CONTAINER', 'argv must be a list of words', 'A shell is never used.')
}

function describe(manifest: Manifest, meta: Manifest, entry: Manifest): Description {
  const id = meta['id'] as string
  const dataset = defined({ inputs: globbed(meta['inputs'], 'path_globs'), outputs: globbed(meta['outputs'], 'paths') })
  return defined({
    dialect: 'dataset',
    original: manifest,
    id,
    publisher: meta['publisher'] as string | undefined,
    name: (meta['name'] ?? id) as string,
    version: meta['version'] as string,
    description: meta['description'] as string,
    homepage: meta['homepage'] as string | undefined,
    license: meta['license'] as string | undefined,
    dataset,
    runtime:
      meta['kind'] === 'python'
        ? { kind: 'python', entryPoint: entry['callable'] as string }
        : containerRuntime(entry['container'] as Manifest),
  }) as Description
}

function globbed(value: Json | undefined, key: string): { name: string; globs: string[] }[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value.flatMap((item) =>
    isObject(item) && typeof item['name'] === 'string' && isStringArray(item[key])
      ? [{ name: item['name'], globs: item[key] }]
      : [],
  )
}

const containerRuntime = (container: Manifest) =>
  defined({
    kind: 'container',
    image: container['image'] as string,
    argv: (container['argv'] as string[]).map((word) => word.replaceAll('{dry_run}', '{dryRun}')),
    env: container['env'] as Record<string, string> | undefined,
    user: container['user'] as string | undefined,
    platform: container['platform'] as string | undefined,
  })
