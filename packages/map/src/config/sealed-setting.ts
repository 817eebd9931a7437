import { isObject, type Json, type JsonObject } from '@tenon/contract'
import { valueAtPath, withValue, type ConfigPath } from './config-path.ts'

/** A secret as a settings file holds it. */
export type SealedSetting = { sealed: string }

export const isSealed = (value: Json | undefined): value is SealedSetting =>
  isObject(value) && typeof value['sealed'] === 'string'

/** What is shown in the place of a secret. */
export const REDACTED = '(secret)'

/** Whether a plugin declares a setting as a secret. */
export type IsSecret = (plugin: string, setting: string) => boolean

/** Where a document of the configuration says anything that is a secret, sealed or not. */
export function secretPathsIn(document: JsonObject, isSecret: IsSecret): ConfigPath[] {
  const plugins = document['plugins']
  return Object.entries(isObject(plugins) ? plugins : {}).flatMap(([plugin, entry]) => {
    const values = valueAtPath(entry, ['config'])
    return Object.entries(isObject(values) ? values : {})
      .filter(([setting, value]) => isSealed(value) || isSecret(plugin, setting))
      .map(([setting]) => ['plugins', plugin, 'config', setting])
  })
}

/** The document as it may be shown. */
export const withoutSecrets = (document: JsonObject, isSecret: IsSecret): JsonObject =>
  secretPathsIn(document, isSecret).reduce((shown, path) => withValue(shown, path, REDACTED), document)
