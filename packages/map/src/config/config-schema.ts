import Type, { type Static } from 'typebox'
import { jsonValue, limits, type Json, type JsonObject } from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import { strictObject } from '../strict-object.ts'

const text = Type.String({ minLength: 1 })
const seconds = Type.Integer({ minimum: 1 })
const retentionSeconds = Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])
const closedRecord = <Value extends Parameters<typeof Type.Record>[1]>(key: string, value: Value) =>
  Type.Record(Type.String({ pattern: key }), value, { additionalProperties: false })

const ID = '[a-z][a-z0-9]*(-[a-z0-9]+)*'
/** A plugin, or one of its extensions. */
const SWITCH_KEY = `^${ID}(/${ID})?$`

/** What the layers of the configuration come to. A file of one layer holds any part of it. */
export const configSchema = strictObject({
  schemaVersion: Type.Literal(1),
  autoMigrate: Type.Boolean(),
  /** The only one there is. */
  tokenizer: Type.Literal('cl100k_base'),
  providers: Type.Array(text),
  roots: Type.Array(text),
  ignore: Type.Array(Type.String()),
  scan: strictObject({
    tokenize: Type.Boolean(),
    strict: Type.Boolean(),
    followSymlinks: Type.Boolean(),
    maxFileSizeBytes: Type.Integer({ minimum: 1, maximum: limits.mapFileBytesMax }),
    watch: strictObject({ debounceMs: Type.Integer({ minimum: 0 }) }),
  }),
  plugins: closedRecord(
    SWITCH_KEY,
    strictObject({
      enabled: Type.Optional(Type.Boolean()),
      /** What the plugin declares, and nobody but it knows. */
      config: Type.Optional(Type.Unsafe<JsonObject>(Type.Object({}, { additionalProperties: true }))),
    }),
  ),
  history: strictObject({ share: Type.Boolean() }),
  jobs: strictObject({
    ttlSeconds: seconds,
    graceMultiplier: Type.Number({ minimum: 1 }),
    minimumTtlSeconds: seconds,
    perActionTtl: closedRecord(SWITCH_KEY, seconds),
    perActionPriority: closedRecord(SWITCH_KEY, Type.Integer()),
    retention: strictObject({ completed: retentionSeconds, failed: retentionSeconds }),
  }),
  i18n: strictObject({ locale: text }),
  updateCheck: strictObject({ enabled: Type.Boolean() }),
})

export type Config = Static<typeof configSchema>

export const CONFIG_DEFAULTS: Config = {
  schemaVersion: 1,
  autoMigrate: true,
  tokenizer: 'cl100k_base',
  providers: [],
  roots: [],
  ignore: [],
  scan: {
    tokenize: true,
    strict: false,
    followSymlinks: false,
    maxFileSizeBytes: limits.mapFileBytes,
    watch: { debounceMs: 300 },
  },
  plugins: {},
  history: { share: false },
  jobs: {
    ttlSeconds: 3_600,
    graceMultiplier: 3,
    minimumTtlSeconds: 60,
    perActionTtl: {},
    perActionPriority: {},
    retention: { completed: 2_592_000, failed: null },
  },
  i18n: { locale: 'en' },
  updateCheck: { enabled: true },
}

/** The same shape, of which every key may be left out. */
const partly = (schema: object): Json =>
  jsonValue(JSON.stringify(schema, (key, value) => (key === 'required' ? undefined : value))) as Json

export const configFiles = foreignValidator(partly(configSchema))
