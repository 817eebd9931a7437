import Type, { type Static } from 'typebox'
import { closed } from './closed.ts'

const positive = Type.Number({ exclusiveMinimum: 0 })
const text = Type.String({ minLength: 1 })

/**
 * `conformance/perf/<op>.perf.json`: what an operation is asked, how often, and how long that may take. Times are in
 * milliseconds, `rps` is calls a second, `rss` mebibytes.
 */
export const perfSchema = closed(
  {
    /** Inputs, taken in turn; the operation's own example without it. */
    workload: Type.Optional(Type.Array(Type.Unknown(), { minItems: 1, maxItems: 1_000 })),
    /** Calls before each trial that are not counted. */
    warmup: Type.Integer({ minimum: 0, maximum: 10_000 }),
    /** Calls of one trial. */
    iterations: Type.Integer({ minimum: 1, maximum: 100_000 }),
    concurrency: Type.Integer({ minimum: 1, maximum: 64 }),
    slo: closed({
      p50: Type.Optional(positive),
      p95: Type.Optional(positive),
      p99: Type.Optional(positive),
      rps: Type.Optional(positive),
      rss: Type.Optional(positive),
    }),
    method: closed({
      trials: Type.Integer({ minimum: 5, maximum: 51 }),
      baseline: Type.Union([Type.Literal('merge-base'), Type.Literal('none')]),
      max_regression_pct: positive,
      noise_floor_ms: Type.Number({ minimum: 0 }),
    }),
  },
  { $id: 'urn:tenon:schema:perf:1', title: 'conformance/perf/<op>.perf.json' },
)

export type PerfDocument = Static<typeof perfSchema>

/** `conformance/start.json`: how the server of a remote plugin is started to be tested. */
export const startSchema = closed(
  {
    /** What follows `node`, in the plugin's folder. */
    argv: Type.Array(text, { minItems: 1 }),
    env: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), Type.String())),
    /** Whether it registers itself with the host at TENON_URL; who does not is registered by its spec. */
    registers: Type.Optional(Type.Boolean()),
  },
  { $id: 'urn:tenon:schema:start:1', title: 'conformance/start.json' },
)

export type StartDocument = Static<typeof startSchema>
