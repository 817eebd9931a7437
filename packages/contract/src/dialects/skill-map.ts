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
import { pointerTo, type Json } from '../json-text.ts'
import { nearest } from '../nearest.ts'
import type { Runtime } from '../spec-schema.ts'
import { settingsSchema, type SettingsDeclaration } from '../settings-schema.ts'
import { validatorOf } from '../validator.ts'

/** skill-map's `plugin.json`: a closed object. */
const fields: readonly ForeignField[] = [
  { field: 'id', becomes: 'id' },
  { field: 'version', becomes: 'version' },
  { field: 'specCompat', becomes: 'engines.skill-map' },
  { field: 'extensions', becomes: 'runtime.extensions' },
  { field: 'catalogCompat', becomes: 'runtime.catalogCompat' },
  { field: 'granularity', becomes: 'runtime.granularity' },
  { field: 'storage', becomes: 'runtime.mapStorage' },
  { field: 'settings', becomes: 'settings' },
  { field: 'description', becomes: 'description' },
  { field: 'license', becomes: 'license' },
  { field: 'homepage', becomes: 'homepage' },
  { field: 'repository', becomes: 'repository' },
  { field: 'author', becomes: 'kept in original' },
]

const KEYS = fields.map(({ field }) => field)

type Manifest = Record<string, Json>

export const skillMapDialect: Dialect = { name: 'skill-map', fields, read }

const settings = validatorOf(settingsSchema)

function read(manifest: Json): DialectReading {
  const list = new ProblemList('SKILL_MAP')
  if (!isObject(manifest)) {
    list.add('', 'MANIFEST', 'plugin.json must hold an object')
    return { description: undefined, problems: list.problems, warnings: [] }
  }
  checkKeys(manifest, list)
  checkRequired(manifest, list)
  checkOptional(manifest, list)
  checkStorage(manifest['storage'], list)
  if (manifest['settings'] !== undefined)
    for (const problem of settings.problems(manifest['settings']))
      list.add(`/settings${problem.pointer}`, 'SETTINGS', problem.message, problem.hint)
  const description = list.problems.length === 0 ? describe(manifest) : undefined
  return { description, problems: list.problems, warnings: list.warnings }
}

function checkKeys(manifest: Manifest, list: ProblemList): void {
  for (const key of Object.keys(manifest)) {
    if (KEYS.includes(key)) continue
    const near = nearest(key, KEYS)
    const hint = near === undefined ? undefined : `Did you mean "${near}"?`
    list.add(pointerTo('', key), 'UNKNOWN_KEY', `the key "${key}" is not known here`, hint)
  }
}

function checkRequired({ id, version, specCompat, extensions }: Manifest, list: ProblemList): void {
  if (typeof id !== 'string' || !isPluginId(id)) list.add('/id', 'ID', `${JSON.stringify(id ?? null)} is no id`)
  if (!nonEmptyText(version)) list.add('/version', 'VERSION', 'version is required')
  if (!nonEmptyText(specCompat)) list.add('/specCompat', 'SPEC_COMPAT', 'specCompat is required')
  if (!isStringArray(extensions) || extensions.length === 0)
    return list.add('/extensions', 'EXTENSIONS', 'extensions must be a list with at least one path')
  for (const [index, path] of extensions.entries())
    if (path.startsWith('/') || path.split(/[/\\]/).includes('..'))
      list.add(`/extensions/${index}`, 'EXTENSIONS', `"${path}" leads out of the plugin`)
}

function checkOptional(manifest: Manifest, list: ProblemList): void {
  for (const key of ['catalogCompat', 'description', 'author', 'license', 'homepage', 'repository'])
    if (manifest[key] !== undefined && !nonEmptyText(manifest[key])) list.add(`/${key}`, 'TEXT', `${key} must be text`)
  for (const key of ['homepage', 'repository']) {
    const value = manifest[key]
    if (typeof value === 'string' && !URL.canParse(value)) list.add(`/${key}`, 'URI', `"${value}" is no URI`)
  }
  const granularity = manifest['granularity']
  if (granularity !== undefined && granularity !== 'bundle' && granularity !== 'extension')
    list.add('/granularity', 'GRANULARITY', `${JSON.stringify(granularity)} is neither "bundle" nor "extension"`)
}

function checkStorage(storage: Json | undefined, list: ProblemList): void {
  if (storage === undefined) return
  if (!isObject(storage)) return list.add('/storage', 'STORAGE', 'storage must be an object')
  if (storage['mode'] !== 'kv' && storage['mode'] !== 'dedicated')
    return list.add(
      '/storage/mode',
      'STORAGE',
      `${JSON.stringify(storage['mode'] ?? null)} is neither "kv" nor "dedicated"`,
    )
  if (storage['mode'] === 'kv') return
  for (const key of ['tables', 'migrations'])
    if (!isStringArray(storage[key]) || storage[key].length === 0)
      list.add(`/storage/${key}`, 'STORAGE', `dedicated storage needs ${key}`)
}

function describe(manifest: Manifest): Description {
  const optional = (key: string) => manifest[key] as string | undefined
  return defined({
    dialect: 'skill-map',
    original: manifest,
    id: manifest['id'] as string,
    name: manifest['id'] as string,
    version: manifest['version'] as string,
    description: optional('description'),
    license: optional('license'),
    homepage: optional('homepage'),
    repository: optional('repository'),
    engines: { 'skill-map': manifest['specCompat'] as string },
    settings: manifest['settings'] as SettingsDeclaration | undefined,
    runtime: defined({
      kind: 'map',
      extensions: manifest['extensions'] as string[],
      granularity: optional('granularity'),
      catalogCompat: optional('catalogCompat'),
      mapStorage: manifest['storage'],
    }) as unknown as Runtime,
  }) as Description
}
