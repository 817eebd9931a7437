import type { Json, JsonObject, SettingDeclaration, SettingsDeclaration } from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import type { Tell } from './events.ts'
import type { ExtensionSource } from './extension.ts'

/** Configured values by plugin id. */
export type ConfiguredSettings = Readonly<Record<string, JsonObject>>

/** Resolved values by plugin id. A plugin whose settings are invalid is missing: its extractors and rules do not run. */
export type SettingsByPlugin = ReadonlyMap<string, JsonObject>

type Env = Readonly<Record<string, string | undefined>>

export function settingsByPlugin(
  extensions: readonly ExtensionSource[],
  configured: ConfiguredSettings,
  env: Env,
  tell: Tell,
): SettingsByPlugin {
  const plugins = new Map(extensions.map(({ plugin }) => [plugin.id, plugin]))
  const resolved = new Map<string, JsonObject>()
  for (const { id, settings = {} } of plugins.values()) {
    const { values, faults } = resolveSettings(settings, configured[id] ?? {}, env)
    if (faults.length === 0) resolved.set(id, values)
    else tell('extension.error', { extensionId: id, kind: 'invalid-settings', message: faults.join('; ') })
  }
  return resolved
}

type ResolvedSettings = { values: JsonObject; faults: string[] }

/** What `ctx.settings` holds: the configured value, else the default, else nothing. A secret comes from its variable only. */
function resolveSettings(declarations: SettingsDeclaration, configured: JsonObject, env: Env): ResolvedSettings {
  const values: JsonObject = {}
  const faults = Object.keys(configured)
    .filter((id) => !Object.hasOwn(declarations, id))
    .map((id) => `there is no setting "${id}"`)
  for (const [id, declaration] of Object.entries(declarations)) {
    const value =
      declaration.type === 'secret' ? secretOf(declaration, env) : (configured[id] ?? defaultOf(declaration))
    if (value === undefined) continue
    const fault = valueFault(declaration, value)
    if (fault === undefined) values[id] = value
    else faults.push(`the setting "${id}": ${fault}`)
  }
  return { values, faults }
}

type Secret = Extract<SettingDeclaration, { type: 'secret' }>

const secretOf = ({ envVar }: Secret, env: Env): string | undefined => (envVar === undefined ? undefined : env[envVar])

const defaultOf = (declaration: SettingDeclaration): Json | undefined =>
  'default' in declaration ? declaration.default : undefined

function valueFault(declaration: SettingDeclaration, value: Json): string | undefined {
  // Bounds that a declaration leaves out are undefined here, and JSON leaves those out of the schema.
  const schema = JSON.parse(JSON.stringify(valueSchema(declaration))) as Json
  const problem = foreignValidator(schema).problems(value)[0]
  if (problem !== undefined) return `${problem.pointer} ${problem.message}`.trim()
  return declaration.type === 'regex' && typeof value === 'string' ? patternFault(value, declaration.flags) : undefined
}

const ITEM_CHARS = 256

/** The JSON Schema of a setting's value. */
function valueSchema(declaration: SettingDeclaration): object {
  switch (declaration.type) {
    case 'string-list': {
      const { itemMaxLength = ITEM_CHARS } = declaration
      return listSchema({ type: 'string', maxLength: itemMaxLength }, declaration)
    }
    case 'single-string': {
      const { minLength, maxLength, pattern } = declaration
      return { type: 'string', minLength, maxLength, pattern }
    }
    case 'boolean-flag':
      return { type: 'boolean' }
    case 'integer':
      return { type: 'integer', minimum: declaration.min, maximum: declaration.max, multipleOf: declaration.step }
    case 'enum-pick':
      return choiceSchema(declaration.options)
    case 'enum-multipick':
      return listSchema(choiceSchema(declaration.options), declaration)
    case 'path-glob':
      return declaration.multiple === true ? listSchema({ type: 'string' }, {}) : { type: 'string' }
    case 'key-value-list': {
      const properties = { key: { type: 'string' }, value: { type: 'string' } }
      const pair = { type: 'object', properties, required: ['key', 'value'], additionalProperties: false }
      return listSchema(pair, declaration)
    }
  }
  // A pattern and a secret are any text.
  return { type: 'string' }
}

const listSchema = (items: object, { min, max }: { min?: number; max?: number }): object => ({
  type: 'array',
  items,
  minItems: min,
  maxItems: max,
})

const choiceSchema = (options: readonly { value: string }[]): object => ({ enum: options.map(({ value }) => value) })

function patternFault(pattern: string, flags = ''): string | undefined {
  try {
    return void new RegExp(pattern, flags)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return thrown.message
    throw thrown
  }
}
