import { dirname, extname, join } from 'node:path/posix'
import type { Json, PluginSpec, SettingDeclaration } from '@tenon/contract'
import { typeName } from './code-names.ts'
import type { Fence } from './fence.ts'
import { readJsonFile } from '../folder/json-file.ts'
import type { PluginFolder } from '../folder/plugin-folder.ts'
import { settingValue } from '../folder/setting-value.ts'
import { propertyName, quoted, schemaType } from './schema-type.ts'

/** The file beside a TypeScript entry that holds the types of the plugin's own schemas. No operation has this name. */
export function typesFile(entry: string): string | undefined {
  const kind = extname(entry)
  return kind === '.ts' || kind === '.mts' ? join(dirname(entry), `plugin-types${kind}`) : undefined
}

/** The types of what the spec and its schemas say: what operations and services take and give, events and settings. */
export function typesFence(spec: PluginSpec, folder: PluginFolder): Fence {
  const { operations = [], services = {}, events = {} } = spec
  const read = (path: string): Json | undefined => readJsonFile(folder, path).value
  const aliases = [
    ...operations.flatMap(({ name, input, output }) => [
      alias(`${typeName(name)}Input`, input ? schemaType(read(`schemas/${name}.in.schema.json`)) : 'null'),
      alias(`${typeName(name)}Output`, output ? schemaType(read(`schemas/${name}.out.schema.json`)) : 'unknown'),
    ]),
    ...(services.provides ?? []).flatMap(({ name, request, response }) => [
      alias(`${typeName(name)}Request`, schemaType(read(request))),
      alias(`${typeName(name)}Response`, schemaType(read(response))),
    ]),
    alias('Settings', settingsType(spec.settings ?? {})),
  ]
  const tables = [
    `operations: ${table(operations.map(({ name }) => [name, pair(name, 'input', 'output')]))}`,
    'settings: Settings',
    `emits: ${table((events.emits ?? []).map(({ type, schema }) => [type, schemaType(read(schema), '    ')]))}`,
    `handles: ${names((events.handles ?? []).map(({ type }) => type))}`,
    `provides: ${table((services.provides ?? []).map(({ name }) => [name, pair(name, 'request', 'response')]))}`,
    `consumes: ${names(services.consumes ?? [])}`,
    ...keysOf(spec),
  ]
  const body = [
    `import type { Context as ContextOf } from '@tenon/sdk'`,
    ...aliases,
    `export type Types = {\n${tables.map((line) => `  ${line}`).join('\n')}\n}`,
    `/** What operations, handlers, services and hooks of this plugin get. */\nexport type Context = ContextOf<Types>`,
  ]
  return { id: 'types', generator: 'types@1', body: body.join('\n\n') }
}

const alias = (name: string, type: string): string => `export type ${name} = ${type}`

const pair = (name: string, taken: string, given: string): string => {
  const [Taken, Given] = [taken, given].map((word) => word.replace(/^./, (letter) => letter.toUpperCase()))
  return `{ ${taken}: ${typeName(name)}${Taken}; ${given}: ${typeName(name)}${Given} }`
}

const table = (rows: readonly (readonly [string, string])[]): string =>
  rows.length === 0 ? '{}' : `{\n${rows.map(([name, type]) => `    ${propertyName(name)}: ${type}`).join('\n')}\n  }`

const OTHERS_KEYS = /^storage:kv:(read|write):(.+)$/

/** What the plugin asks of the keys of others. Those of any plugin are an index, which every name would have to fit. */
function keysOf({ permissions = [] }: PluginSpec): string[] {
  const asked = permissions.flatMap(({ capability }) => {
    const [, access = '', plugin] = OTHERS_KEYS.exec(capability) ?? []
    return plugin === undefined ? [] : { access, plugin }
  })
  if (asked.length === 0) return []
  const isAny = asked.some(({ plugin }) => plugin === '*')
  const grouped = Map.groupBy(asked, ({ plugin }) => (isAny ? '[plugin: string]' : propertyName(plugin)))
  const rows = [...grouped].map(([key, some]) => {
    const accesses = new Set(some.map(({ access }) => access))
    return `    ${key}: ${names([...accesses].toSorted())}`
  })
  return [`keysOf: {\n${rows.join('\n')}\n  }`]
}

const names = (texts: readonly string[]): string => (texts.length === 0 ? 'never' : texts.map(quoted).join(' | '))

/** A setting that has a default is always there. */
const settingsType = (settings: Record<string, SettingDeclaration>): string =>
  schemaType({
    type: 'object',
    required: Object.entries(settings).flatMap(([id, setting]) => ('default' in setting ? id : [])),
    additionalProperties: false,
    properties: Object.fromEntries(Object.entries(settings).map(([id, setting]) => [id, settingSchema(setting)])),
  })

function settingSchema(setting: SettingDeclaration): Json {
  const { description = setting.label } = setting
  return { description, ...settingValue(setting) }
}
