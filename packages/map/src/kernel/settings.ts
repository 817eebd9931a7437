import {
  jsonValue,
  ownValue,
  type Json,
  type JsonObject,
  type SettingDeclaration,
  type SettingsDeclaration,
} from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import type { Tell } from './events.ts'
import type { ExtensionSource } from './extension.ts'

/** Configured values by plugin id. */
export type ConfiguredSettings = Readonly<Record<string, JsonObject>>

/** Resolved values by plugin id. A plugin whose settings are invalid is missing: its extractors and rules do not run. */
export type SettingsByPlugin = ReadonlyMap<string, JsonObject>

type Env = Readonly<Record<string, string | undefined>>

/** Secrets by plugin id and setting, opened by whoever has the key. */
export type OpenedSecrets = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Where the values of settings come from. */
export type SettingValues = { configured?: ConfiguredSettings; secrets?: OpenedSecrets; env: Env }

export function settingsByPlugin(
  extensions: readonly ExtensionSource[],
  { configured = {}, secrets = {}, env }: SettingValues,
  tell: Tell,
): SettingsByPlugin {
  const plugins = new Map(extensions.map(({ plugin }) => [plugin.id, plugin]))
  const resolved = new Map<string, JsonObject>()
  for (const { id, settings = {} } of plugins.values()) {
    const given = { configured: ownValue(configured, id) ?? {}, secrets: ownValue(secrets, id) ?? {}, env }
    const { values, faults } = resolveSettings(settings, given)
    if (faults.length === 0) resolved.set(id, values)
    else tell('extension.error', { extensionId: id, kind: 'invalid-settings', message: faults.join('; ') })
  }
  return resolved
}

type Given = { configured: JsonObject; secrets: Readonly<Record<string, string>>; env: Env }
type ResolvedSettings = { values: JsonObject; faults: string[] }

/** What `ctx.settings` holds: the configured value, else the default, else nothing. No secret is taken as it is written. */
function resolveSettings(declarations: SettingsDeclaration, given: Given): ResolvedSettings {
  const values: JsonObject = {}
  const faults = Object.keys(given.configured)
    .filter((id) => !Object.hasOwn(declarations, id))
    .map((id) => `there is no setting "${id}"`)
  for (const [id, declaration] of Object.entries(declarations)) {
    const value =
      declaration.type === 'secret'
        ? (secretVariable(declaration, given.env) ?? ownValue(given.secrets, id))
        : (ownValue(given.configured, id) ?? defaultOf(declaration))
    if (value === undefined) continue
    const found = settingFaults(declaration, value)
    if (found.length === 0) values[id] = value
    else faults.push(...found.map((fault) => `the setting "${id}": ${fault}`))
  }
  return { values, faults }
}

/** What the variable of a secret says, which goes over all else. */
export const secretVariable = (declaration: SettingDeclaration, env: Env): string | undefined =>
  declaration.type === 'secret' && declaration.envVar !== undefined ? env[declaration.envVar] : undefined

const defaultOf = (declaration: SettingDeclaration): Json | undefined =>
  'default' in declaration ? declaration.default : undefined

/** Everything that is wrong with a value that a setting is to have. */
export function settingFaults(declaration: SettingDeclaration, value: Json): string[] {
  // Bounds that a declaration leaves out are undefined here, and JSON leaves those out of the schema.
  const schema = jsonValue(JSON.stringify(valueSchema(declaration))) as Json
  const faults = foreignValidator(schema)
    .problems(value)
    .map(({ pointer, message }) => `${pointer} ${message}`.trim())
  return faults.length > 0 ? faults : unschematicFaults(declaration, value)
}

/** What a schema cannot say. */
function unschematicFaults(declaration: SettingDeclaration, value: Json): string[] {
  const fault =
    declaration.type === 'regex' && typeof value === 'string'
      ? patternFault(value, declaration.flags)
      : declaration.type === 'integer' && typeof value === 'number'
        ? stepFault(value, declaration)
        : undefined
  return fault === undefined ? [] : [fault]
}

const stepFault = (value: number, { min = 0, step = 1 }: { min?: number; step?: number }): string | undefined =>
  (value - min) % step === 0 ? undefined : `${value} is reached by no steps of ${step} from ${min}`

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
      return { type: 'integer', minimum: declaration.min, maximum: declaration.max }
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
