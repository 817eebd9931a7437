import {
  limits,
  TenonError,
  type Audit,
  type Capability,
  type Json,
  type JsonObject,
  type KvTransaction,
} from '@tenon/contract'
import { kvTransactionSchema, validatorOf } from '@tenon/contract/schema'
import type { Handlers } from '@tenon/sandbox'
import type { Storage } from '@tenon/storage'
import { recordingRefusal, type Attempt } from './audited.ts'
import type { Authority } from './authority.ts'
import type { InstalledPlugin } from './records.ts'
import { storedValueProblems } from './stored-values.ts'

/** What the calling plugin did not say itself: the trace it belongs to and how it is given up. */
export type Around = { traceId: string; signal: AbortSignal }

/** What a plugin reaches of the host, as functions that take its id. */
export type ScopePorts = {
  authority: Authority
  audit: Audit
  storage: Storage
  publish(
    plugin: string,
    event: { type: string; payload: Json; key: string | undefined },
    around: Around,
  ): Promise<void>
  call(plugin: string, call: { target: string; operation: string; input: Json }, around: Around): Promise<Json>
  callService(plugin: string, call: { target: string; service: string; request: Json }, around: Around): Promise<Json>
  fetch(plugin: string, request: JsonObject, around: Around): Promise<Json>
  configOf(plugin: string): Promise<Json>
  log: (plugin: string, level: string, message: string) => void
  newTraceId: () => string
}

type Work = (params: JsonObject, around: Around) => Promise<Json>

/**
 * Everything that a contained plugin can see of the world, built in this one place. What is not in here does not exist
 * for it; what is in here is refused unless it was asked for and granted.
 */
export function openScope(installed: InstalledPlugin, ports: ScopePorts): Handlers {
  const { description } = installed
  const { id } = description
  const kv = ports.storage.kv(id, {
    quotaBytes: (description.storage?.quotaMb ?? limits.kvQuotaMbDefault) * 1_048_576,
    problems: storedValueProblems(installed),
  })
  const secrets = ports.storage.secrets(id)
  const open = openFor(ports)
  const seen = new Set<string>()
  const needing = (action: string, work: Work): Handlers[string] =>
    open(async (params, around) => {
      const attempt: Attempt = {
        actor: `plugin:${id}`,
        action: 'capability.use',
        target: id,
        traceId: around.traceId,
      }
      const capability: Capability = { action }
      await recordingRefusal(
        ports.audit,
        () => attempt,
        async () => ports.authority.insist(description, capability),
      )
      if (!seen.has(action)) await recordFirst(ports.audit, { ...attempt, capability: action }, seen)
      return work(params, around)
    })
  return {
    'kv.get': needing('storage:kv', async (params) => valueOf(await kv.get(text(params, 'key')))),
    'kv.set': needing('storage:kv', async (params) =>
      settled(kv.set(text(params, 'key'), params['value'] ?? null, lifetimeIn(params))),
    ),
    'kv.delete': needing('storage:kv', async (params) => settled(kv.delete(text(params, 'key')))),
    'kv.list': needing('storage:kv', async (params) => ({ keys: await kv.list(listRange(params)) })),
    'kv.compareAndSet': needing('storage:kv', async (params) =>
      kv.compareAndSet(text(params, 'key'), params['expected'], params['next']),
    ),
    'kv.transaction': needing('storage:kv', async (params) => kv.apply(transactionIn(params))),
    'secrets.get': needing('storage:secrets', async (params) => valueOf(await secrets.get(text(params, 'name')))),
    'config.get': open(() => ports.configOf(id)),
    'events.publish': open(async (params, around) => {
      const key = params['key'] === undefined ? undefined : text(params, 'key')
      return settled(ports.publish(id, { type: text(params, 'type'), payload: params['payload'] ?? null, key }, around))
    }),
    call: open((params, around) => {
      const names = { target: text(params, 'plugin'), operation: text(params, 'operation') }
      return ports.call(id, { ...names, input: params['input'] ?? null }, around)
    }),
    'services.call': open((params, around) => {
      const [target = '', service = ''] = text(params, 'service').split('/', 2)
      return ports.callService(id, { target, service, request: params['request'] ?? null }, around)
    }),
    fetch: open((params, around) => ports.fetch(id, params, around)),
    log: open(async (params) => {
      ports.log(id, text(params, 'level'), text(params, 'message', limits.frameBytes))
      return null
    }),
    audit: open((params, { traceId }) => settled(note(ports.audit, id, params, traceId))),
    progress: open(async () => null),
  }
}

const openFor =
  ({ newTraceId }: ScopePorts) =>
  (work: Work): Handlers[string] =>
  async (params, { traceId = newTraceId(), signal }) =>
    work(objectOf(params), { traceId, signal })

/** What a plugin does all the time is recorded once for each of its processes: that it does it, not how often. */
function recordFirst(audit: Audit, attempt: Attempt & { capability: string }, seen: Set<string>): Promise<void> {
  seen.add(attempt.capability)
  return audit.record({ ...attempt, decision: 'allow', reason: 'first use by this process' })
}

const note = (audit: Audit, id: string, params: JsonObject, traceId: string): Promise<void> =>
  audit.record({
    actor: `plugin:${id}`,
    action: `note.${text(params, 'action')}`,
    target: text(params, 'target'),
    decision: 'allow',
    reason: 'noted by the plugin',
    traceId,
    details: objectOf(params['details'] ?? {}),
  })

async function settled(work: Promise<unknown>): Promise<null> {
  await work
  return null
}

const valueOf = (value: Json | undefined): JsonObject => (value === undefined ? {} : { value })

function objectOf(params: Json): JsonObject {
  if (params !== null && typeof params === 'object' && !Array.isArray(params)) return params
  throw new TenonError('PROTOCOL_VIOLATION', 'the parameters must be an object')
}

function lifetimeIn({ ttlMs }: JsonObject): { ttlMs?: number } {
  if (ttlMs === undefined) return {}
  if (typeof ttlMs === 'number') return { ttlMs }
  throw new TenonError('PROTOCOL_VIOLATION', 'the parameter "ttlMs" must be a number')
}

const transactions = validatorOf(kvTransactionSchema)

function transactionIn(params: JsonObject): KvTransaction {
  if (transactions.is(params)) return params
  const problems = transactions.problems(params)
  const [{ pointer, message } = { pointer: '', message: 'is invalid' }] = problems
  throw new TenonError('PROTOCOL_VIOLATION', `the transaction is malformed at "${pointer}": ${message}`, { problems })
}

/** A plugin's names end up in audit entries, so they are short. */
const NAME_LENGTH_MAX = 512

function text(params: JsonObject, key: string, lengthMax = NAME_LENGTH_MAX): string {
  const value = params[key]
  if (typeof value === 'string' && value.length <= lengthMax) return value
  throw new TenonError('PROTOCOL_VIOLATION', `the parameter "${key}" must be text of at most ${lengthMax} characters`)
}

const listRange = (params: JsonObject): { prefix?: string; limit?: number; after?: string } => ({
  ...(typeof params['prefix'] === 'string' ? { prefix: params['prefix'] } : {}),
  ...(typeof params['limit'] === 'number' ? { limit: params['limit'] } : {}),
  ...(typeof params['after'] === 'string' ? { after: params['after'] } : {}),
})
