import { limits, TenonError, type Audit, type Json, type JsonObject } from '@tenon/contract'
import type { Handlers, Take } from '@tenon/sandbox'
import type { Storage } from '@tenon/storage'
import type { Authority } from './authority.ts'
import { admitting, type UseCounts } from './capability-use.ts'
import { objectOf, text } from './channel-params.ts'
import { keyValueMethods, workOnAnother } from './key-value-works.ts'
import type { KeysOfOthers } from './keys-of-others.ts'
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
  keysOfOthers: KeysOfOthers
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
  const admit = admitting(ports, description, uses)
  const needing = (action: string, work: Work): Handlers[string] =>
    open(async (params, around) => {
      await admit({ capability: { action }, target: id, traceId: around.traceId }, () => undefined)
      return work(params, around)
    })
  return {
    ...keyValueMethods(({ run }) => needing('storage:kv', (params) => run(kv, params))),
    'kv.of': open(async (params, { traceId }) => {
      const { owner, capability, run } = workOnAnother(params)
      return run(await admit({ capability, target: owner, traceId }, () => ports.keysOfOthers(id, owner)))
    }),
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
