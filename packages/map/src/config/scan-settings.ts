import type { JsonObject } from '@tenon/contract'
import type { ScanOptions } from '../kernel/run-scan.ts'
import type { Config } from './config-schema.ts'
import { isSealed } from './sealed-setting.ts'

/** Whether a plugin, or an extension of one that is switched by extension, takes part, by its key. */
export type Switches = Readonly<Record<string, boolean>>

/** What stands in the settings of a map. */
export const switchesOf = ({ plugins }: Config): Switches =>
  Object.fromEntries(
    Object.entries(plugins).flatMap(([key, { enabled }]) => (enabled === undefined ? [] : [[key, enabled]])),
  )

type ConfiguredScan = Required<
  Pick<ScanOptions, 'tokens' | 'strict' | 'providers' | 'ignore' | 'maxFileBytes' | 'settings'>
>

/** What the configuration says of a scan. */
export const scanSettings = (config: Config): ConfiguredScan => ({
  tokens: config.scan.tokenize,
  strict: config.scan.strict,
  providers: config.providers,
  ignore: config.ignore,
  maxFileBytes: config.scan.maxFileSizeBytes,
  settings: Object.fromEntries(
    Object.entries(config.plugins).map(([id, { config: values = {} }]) => [id, openValues(values)]),
  ),
})

export const disabledIn = (switches: Switches): string[] =>
  Object.entries(switches).flatMap(([key, enabled]) => (enabled ? [] : [key]))

/** Secrets go another way: whoever has the key opens them. */
const openValues = (values: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => !isSealed(value)))
