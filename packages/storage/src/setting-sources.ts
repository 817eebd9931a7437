import {
  ownValue,
  settingFromText,
  settingVariable,
  type Json,
  type JsonObject,
  type SettingDeclaration,
  type World,
} from '@tenon/contract'

/** Where a setting's value comes from: the first of these that there is. `environment` is one of the host's named ones. */
export type SettingSource = 'variable' | 'environment' | 'stored' | 'default' | 'unset'

/**
 * What is on disk. What holds in one environment overrides what holds in all. A secret is `{ sealed }`, so that it is known
 * as one whatever the declaration says today.
 */
export type StoredSettings = {
  /** Of the values: it counts their changes. */
  version: number
  /** Of the declaration under which they were set: 1 without one. */
  shape?: number
  values: JsonObject
  environments?: Record<string, JsonObject>
}

/** `name` is what a secret is sealed as. */
export type FoundSetting = {
  source: SettingSource
  value?: Json
  sealed?: { name: string; text: string }
  fault?: string
}

export type SettingPlace = { plugin: string; environment: string | undefined; world: World }

/** What is stored for one environment, or for all. */
export const layerOf = ({ values, environments = {} }: StoredSettings, environment: string | undefined): JsonObject =>
  environment === undefined ? values : (ownValue(environments, environment) ?? {})

/** What a secret of one environment, or of all, is sealed as: none passes for another. */
export const sealedAs = (id: string, environment: string | undefined): string =>
  environment === undefined ? id : `${environment}/${id}`

export function foundSetting(
  place: SettingPlace,
  stored: StoredSettings,
  id: string,
  declaration: SettingDeclaration,
): FoundSetting {
  return (
    inVariable(place, id, declaration) ??
    (place.environment === undefined ? undefined : inLayer(stored, id, declaration, place.environment)) ??
    inLayer(stored, id, declaration, undefined) ??
    byDefault(declaration)
  )
}

function inVariable(
  { plugin, world }: SettingPlace,
  id: string,
  declaration: SettingDeclaration,
): FoundSetting | undefined {
  const own = declaration.type === 'secret' && declaration.envVar !== undefined ? [declaration.envVar] : []
  const name = [...own, settingVariable(plugin, id)].find((candidate) => world.env[candidate] !== undefined)
  if (name === undefined) return undefined
  const value = settingFromText(declaration, world.env[name] ?? '')
  return value === undefined
    ? { source: 'variable', fault: `is set by ${name} to what is no JSON` }
    : { source: 'variable', value }
}

/** What was a secret is no other value, and what was none is no secret. */
function inLayer(
  stored: StoredSettings,
  id: string,
  { type }: SettingDeclaration,
  environment: string | undefined,
): FoundSetting | undefined {
  const value = ownValue(layerOf(stored, environment), id)
  const text = sealedIn(value)
  if (value === undefined || (text === undefined) === (type === 'secret')) return undefined
  const source = environment === undefined ? 'stored' : 'environment'
  return text === undefined ? { source, value } : { source, sealed: { name: sealedAs(id, environment), text } }
}

const byDefault = (declaration: SettingDeclaration): FoundSetting =>
  'default' in declaration && declaration.default !== undefined
    ? { source: 'default', value: declaration.default }
    : { source: 'unset' }

export function sealedIn(stored: Json | undefined): string | undefined {
  if (stored === undefined || stored === null || typeof stored !== 'object' || Array.isArray(stored)) return undefined
  return typeof stored['sealed'] === 'string' ? stored['sealed'] : undefined
}
