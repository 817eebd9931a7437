import Type, { type Static } from 'typebox'
import {
  EVENT_TYPE_PATTERN,
  ID_LENGTH_MAX,
  ID_PATTERN,
  INNER_PATH_PATTERN,
  OPERATION_PATTERN,
  SERVICE_PATTERN,
  ULID_PATTERN,
} from './identity.ts'
import { limits } from './limits.ts'
import { settingsSchema } from './settings-schema.ts'
import { closed, keyedBy } from './closed.ts'

const SEMVER_PATTERN =
  '^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(-(0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)(\\.(0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*))*)?(\\+[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?$'
/** `id` or `publisher/id`. */
const DEPENDENCY_PATTERN = '^([a-z][a-z0-9]*(-[a-z0-9]+)*/)?[a-z][a-z0-9]*(-[a-z0-9]+)*$'
const VARIABLE_PATTERN = '^[A-Za-z_][A-Za-z0-9_]*$'

const id = Type.String({ pattern: ID_PATTERN, maxLength: ID_LENGTH_MAX })
const text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
const innerPath = Type.String({ pattern: INNER_PATH_PATTERN, maxLength: 512 })
const ulid = Type.String({ pattern: ULID_PATTERN })
const range = Type.String({ minLength: 1, maxLength: 256 })
const ranges = keyedBy(DEPENDENCY_PATTERN, range)
const milliseconds = Type.Integer({ minimum: 1, maximum: 86_400_000 })
const httpPath = Type.String({ pattern: '^/[^\\s?#]*$', maxLength: 512 })

export const RUNTIME_KINDS = ['node', 'python', 'container', 'remote', 'map'] as const
export const ISOLATION_GUARANTEES = ['fs', 'net', 'memory', 'cpu', 'pids', 'disk'] as const
export const DATA_CLASSES = ['public', 'internal', 'confidential', 'pii', 'phi'] as const

const nodeRuntime = closed({ kind: Type.Literal('node'), entry: innerPath })
const pythonRuntime = closed({
  kind: Type.Literal('python'),
  entryPoint: Type.String({ pattern: '^[A-Za-z_]\\w*(\\.[A-Za-z_]\\w*)*:[A-Za-z_]\\w*(\\.[A-Za-z_]\\w*)*$' }),
  project: Type.Optional(innerPath),
  requiresPython: Type.Optional(text(128)),
})
const containerRuntime = closed({
  kind: Type.Literal('container'),
  image: text(512),
  digest: Type.Optional(Type.String({ pattern: '^sha256:[0-9a-f]{64}$' })),
  argv: Type.Array(Type.String({ maxLength: 4096 }), { minItems: 1, maxItems: 256 }),
  mounts: Type.Optional(
    closed({
      dataset: Type.Optional(httpPath),
      out: Type.Optional(httpPath),
      work: Type.Optional(httpPath),
    }),
  ),
  config: Type.Optional(
    closed({
      path: Type.Optional(httpPath),
      env: Type.Optional(Type.String({ pattern: VARIABLE_PATTERN })),
      stdin: Type.Optional(Type.Boolean()),
    }),
  ),
  env: Type.Optional(keyedBy(VARIABLE_PATTERN, Type.String())),
  user: Type.Optional(text(64)),
  platform: Type.Optional(text(64)),
  exitCodes: Type.Optional(Type.Array(closed({ code: Type.Integer({ minimum: 0, maximum: 255 }), class: text(32) }))),
})
const remoteRuntime = closed({
  kind: Type.Literal('remote'),
  endpoints: keyedBy('^[A-Za-z][A-Za-z0-9_.-]{0,63}$', httpPath),
})
const mapRuntime = closed({
  kind: Type.Literal('map'),
  extensions: Type.Array(innerPath, { minItems: 1, maxItems: 256 }),
  granularity: Type.Optional(Type.Enum(['bundle', 'extension'])),
  catalogCompat: Type.Optional(range),
  mapStorage: Type.Optional(
    Type.Union([
      closed({ mode: Type.Literal('kv'), schema: Type.Optional(innerPath) }),
      closed({
        mode: Type.Literal('dedicated'),
        tables: Type.Array(text(64), { minItems: 1 }),
        migrations: Type.Array(innerPath, { minItems: 1 }),
        schemas: Type.Optional(Type.Record(Type.String(), innerPath)),
      }),
    ]),
  ),
})

export const runtimeSchema = Type.Union([nodeRuntime, pythonRuntime, containerRuntime, remoteRuntime, mapRuntime])

const probe = closed({
  id: Type.String({ pattern: OPERATION_PATTERN }),
  kind: Type.Enum(['op', 'http', 'import', 'ledger', 'exec']),
  target: Type.Optional(text(512)),
  request: Type.Optional(innerPath),
  expect: Type.Optional(innerPath),
  timeoutMs: Type.Optional(milliseconds),
  failAfter: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
})

const operationSchema = closed({
  name: Type.String({ pattern: OPERATION_PATTERN }),
  uid: Type.Optional(ulid),
  summary: text(256),
  input: Type.Boolean(),
  output: Type.Boolean(),
  sensitive: Type.Optional(Type.Boolean()),
  idempotent: Type.Optional(Type.Boolean()),
  timeoutMs: Type.Optional(milliseconds),
  requires: Type.Optional(Type.Array(text(512))),
  endpoint: Type.Optional(closed({ method: Type.Enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']), path: httpPath })),
  tests: Type.Optional(innerPath),
})

const providedService = closed({
  name: Type.String({ pattern: OPERATION_PATTERN }),
  request: innerPath,
  response: innerPath,
  throttle: closed({
    perSecond: Type.Number({ exclusiveMinimum: 0 }),
    burst: Type.Integer({ minimum: 1 }),
  }),
})

const globs = Type.Array(text(256), { minItems: 1 })
const eventType = Type.String({ pattern: EVENT_TYPE_PATTERN, maxLength: limits.eventTypeBytes })

/** The document an author writes. */
export const pluginSpecSchema = closed(
  {
    $schema: Type.Optional(Type.String()),
    specVersion: Type.Literal(1),
    id,
    publisher: Type.Optional(id),
    uid: Type.Optional(ulid),
    name: text(128),
    version: Type.String({ pattern: SEMVER_PATTERN, maxLength: 128 }),
    description: Type.Optional(text(1024)),
    license: Type.Optional(text(128)),
    homepage: Type.Optional(text(512)),
    repository: Type.Optional(text(512)),
    keywords: Type.Optional(Type.Array(text(64), { maxItems: 64, uniqueItems: true })),
    categories: Type.Optional(Type.Array(text(64), { maxItems: 16, uniqueItems: true })),
    engines: Type.Optional(Type.Record(Type.String({ minLength: 1 }), range)),
    platforms: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z0-9]+-[a-z0-9_]+$' }), { minItems: 1 })),
    dependencies: Type.Optional(ranges),
    optionalDependencies: Type.Optional(ranges),
    ifPresent: Type.Optional(ranges),
    conflicts: Type.Optional(ranges),
    runtime: runtimeSchema,
    health: Type.Optional(
      closed({
        check: Type.Optional(
          closed({
            type: Type.Enum(['http', 'tcp', 'exec', 'rpc']),
            path: Type.Optional(httpPath),
            port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
            command: Type.Optional(Type.Array(text(512), { minItems: 1 })),
            intervalMs: Type.Optional(milliseconds),
            timeoutMs: Type.Optional(milliseconds),
            expectedStatus: Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
          }),
        ),
        probes: Type.Optional(Type.Array(probe, { minItems: 1 })),
      }),
    ),
    operations: Type.Optional(Type.Array(operationSchema, { maxItems: 256 })),
    dataset: Type.Optional(
      closed({
        config: Type.Optional(innerPath),
        inputs: Type.Optional(Type.Array(closed({ name: text(64), globs }))),
        outputs: Type.Optional(Type.Array(closed({ name: text(64), globs, required: Type.Optional(Type.Boolean()) }))),
        produces: Type.Optional(Type.Array(text(128))),
      }),
    ),
    events: Type.Optional(
      closed({
        emits: Type.Optional(
          Type.Array(
            closed({
              type: eventType,
              version: Type.Integer({ minimum: 1 }),
              schema: innerPath,
              delivery: Type.Optional(Type.Enum(['atMostOnce', 'atLeastOnce'])),
              ttlMs: Type.Optional(Type.Integer({ minimum: 1 })),
              orderKey: Type.Optional(Type.String({ pattern: '^(/.*)?$' })),
            }),
          ),
        ),
        handles: Type.Optional(Type.Array(closed({ type: eventType }))),
      }),
    ),
    services: Type.Optional(
      closed({
        provides: Type.Optional(Type.Array(providedService)),
        consumes: Type.Optional(Type.Array(Type.String({ pattern: SERVICE_PATTERN }))),
      }),
    ),
    permissions: Type.Optional(Type.Array(closed({ capability: text(512), reason: text(512) }))),
    isolation: Type.Optional(
      closed({
        requires: Type.Array(Type.Enum([...ISOLATION_GUARANTEES]), {
          minItems: 1,
          uniqueItems: true,
        }),
      }),
    ),
    resources: Type.Optional(
      closed({
        memoryMb: Type.Optional(Type.Integer({ minimum: limits.memoryMbMin, maximum: limits.memoryMbMax })),
        cpu: Type.Optional(Type.Number({ minimum: limits.cpuMin, maximum: limits.cpuMax })),
        ioMbPerSec: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
        diskMb: Type.Optional(Type.Integer({ minimum: 1 })),
        processes: Type.Optional(Type.Integer({ minimum: 1, maximum: 4096 })),
        wallMs: Type.Optional(milliseconds),
      }),
    ),
    contracts: Type.Optional(Type.Array(text(64), { minItems: 1, uniqueItems: true })),
    traits: Type.Optional(Type.Array(text(64), { minItems: 1, uniqueItems: true })),
    security: Type.Optional(
      closed({
        authenticationRequired: Type.Boolean(),
        dataClassification: Type.Array(Type.Enum([...DATA_CLASSES]), {
          minItems: 1,
          uniqueItems: true,
        }),
      }),
    ),
    compliance: Type.Optional(
      closed({
        hipaaControls: Type.Optional(Type.Array(text(64))),
        auditLevel: Type.Optional(Type.Enum(['none', 'basic', 'detailed', 'complete'])),
      }),
    ),
    settings: Type.Optional(settingsSchema),
    settingsVersion: Type.Optional(Type.Integer({ minimum: 1 })),
    storage: Type.Optional(
      closed({
        quotaMb: Type.Number({ exclusiveMinimum: 0, maximum: 65_536 }),
        schemaVersion: Type.Integer({ minimum: 1 }),
        schema: Type.Optional(innerPath),
      }),
    ),
    performance: Type.Optional(
      keyedBy(
        OPERATION_PATTERN,
        closed({
          p95Ms: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
          maxRssMb: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
        }),
      ),
    ),
  },
  { $id: 'urn:tenon:schema:plugin.spec:1', title: 'plugin.spec.json' },
)

export type PluginSpec = Static<typeof pluginSpecSchema>
export type Runtime = Static<typeof runtimeSchema>
export type Operation = Static<typeof operationSchema>
export type ProvidedService = Static<typeof providedService>
