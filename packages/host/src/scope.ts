import { limits, type Audit, type Capability, type Json, type JsonObject, TenonError } from '@tenon/contract'
import type { Handlers, Take } from '@tenon/sandbox'
import type { Storage } from '@tenon/storage'
import { recordingRefusal, type Attempt } from './audited.ts'
import type { Authority } from './authority.ts'
import { objectOf, text } from './channel-params.ts'
import { keyValueWorks } from './key-value-works.ts'
import type { InstalledPlugin } from './records.ts'
import { keyValueRules } from './stored-values.ts'

/** What the calling plugin did not say itself: the trace it belongs to and how it is given up. */
export type Around = { traceId: string; signal: AbortSignal }
/** The same, with what hands the caller a part of its answer. */
type AroundParts = Around & { give: Take }

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
  stream(
    plugin: string,
    call: { target: string; operation: string; input: Json },
    around: Around,
    take: Take,
  ): Promise<void>
  callService(plugin: string, call: { target: string; service: string; request: Json }, around: Around): Promise<Json>
  fetch(plugin: string, request: JsonObject, around: Around): Promise<Json>
  configOf(plugin: string): Promise<Json>
  log: (plugin: string, level: string, message: string) => void
  newTraceId: () => string
}

type Work = (params: JsonObject, around: AroundParts) => Promise<Json>

/** How often a process used what it is granted, by capability. */
export type UseCounts = Map<string, number>

/**
 * Everything that a contained plugin can see of the world, built in this one place. What is not in here does not exist
 * for it; what is in here is refused unless it was asked for and granted.
 */
export function openScope(installed: InstalledPlugin, ports: ScopePorts, uses: UseCounts): Handlers {
  const { description } = installed
  const { id } = description
  const kv = ports.storage.kv(id, keyValueRules(installed))
  const secrets = ports.storage.secrets(id)
  const open = openFor(ports)
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
      const before = uses.get(action) ?? 0
      uses.set(action, before + 1)
      if (before === 0) await recordFirst(ports.audit, { ...attempt, capability: action })
      return work(params, around)
    })
  return {
    ...mapped(keyValueWorks(kv), (work) => needing('storage:kv', work)),
    'secrets.get': needing('storage:secrets', async (params) => {
      const value = await secrets.get(text(params, 'name'))
      return value === undefined ? {} : { value }
    }),
    'config.get': open(() => ports.configOf(id)),
    'events.publish': open(async (params, around) => {
      const key = params['key'] === undefined ? undefined : text(params, 'key')
      return settled(ports.publish(id, { type: text(params, 'type'), payload: params['payload'] ?? null, key }, around))
    }),
    call: open((params, around) => ports.call(id, callIn(params), around)),
    stream: open((params, { give, ...around }) => settled(ports.stream(id, callIn(params), around, give))),
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
    progress: open(async (params) => {
      ports.log(id, 'info', progressIn(params))
      return null
    }),
  }
}

const callIn = (params: JsonObject) => ({
  target: text(params, 'plugin'),
  operation: text(params, 'operation'),
  input: params['input'] ?? null,
})

/** How far a call is, as its plugin says. */
function progressIn({ fraction, message = '' }: JsonObject): string {
  if (typeof fraction !== 'number' || !(fraction >= 0 && fraction <= 1) || typeof message !== 'string')
    throw new TenonError('PROTOCOL_VIOLATION', 'progress is a fraction from 0 to 1 and, if wanted, a text')
  return `${Math.round(fraction * 100)} % ${message}`.trim()
}

const openFor =
  ({ newTraceId }: ScopePorts) =>
  (work: Work): Handlers[string] =>
  async (params, { traceId = newTraceId(), signal, give }) =>
    work(objectOf(params), { traceId, signal, give })

/** What a plugin does all the time is recorded when a process first does it; how often it did is, when that ends. */
const recordFirst = (audit: Audit, attempt: Attempt): Promise<void> =>
  audit.record({ ...attempt, decision: 'allow', reason: 'first use by this process' })

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

const mapped = <From, To>(named: Record<string, From>, into: (from: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(named).map(([name, from]) => [name, into(from)]))
