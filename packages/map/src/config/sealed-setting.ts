import { isObject, type Json, type JsonObject } from '@tenon/contract'
import { valueAtPath, withValue } from './config-path.ts'
import type { Config } from './config-schema.ts'

/** A secret as a settings file holds it. */
export type SealedSetting = { sealed: string }

export const isSealed = (value: Json | undefined): value is SealedSetting =>
  isObject(value) && typeof value['sealed'] === 'string'

/** What is shown in the place of a secret. */
export const REDACTED = '(secret)'

/** The configuration as it may be shown. */
export const withoutSecrets = (config: Config): JsonObject =>
  Object.entries(config.plugins)
    .flatMap(([plugin, { config: values = {} }]) => Object.keys(values).map((id) => ['plugins', plugin, 'config', id]))
    .reduce<JsonObject>(
      (shown, path) => (isSealed(valueAtPath(shown, path)) ? withValue(shown, path, REDACTED) : shown),
      config,
    )
