import type { Audit, Description, EventBus, Json, World } from '@tenon/contract'
import type { Database } from '@tenon/database'
import type { Storage } from '@tenon/storage'
import { administratorOf, type Administrator } from './administrator.ts'
import { authorityOf, type Authority } from './authority.ts'
import { operationContracts } from './contracts.ts'
import { callOperation, type Call } from './gateway.ts'
import { healthOf, type Health } from './health.ts'
import { disablePlugin, enablePlugin, unregisterPlugin, type LifecyclePorts } from './lifecycle.ts'
import { messagingOf, type Messaging } from './messaging.ts'
import { pluginTable, type PluginTable } from './plugin-table.ts'
import { proxyRequest, type Outside } from './proxy-lane.ts'
import type { Installations, PluginRecord } from './records.ts'
import { registerPlugin, type Registered, type RegistrationRequest } from './registration.ts'
import { callRole, type RoleRequest } from './role-route.ts'
import { runningPlugins, type Launch, type Running } from './running.ts'
import { openScope } from './scope.ts'
import { tokensOf, type TokenKey, type Tokens } from './tokens.ts'
import type { Upstream, UpstreamAnswer } from './upstream.ts'

export type HostPorts = {
  world: World
  database: Database
  audit: Audit
  bus: EventBus
  storage: Storage
  installations: Installations
  launch: Launch
  outside: Outside
  upstream: Upstream
  tokenKey: TokenKey
  enrolmentSecret: string | undefined
  log(plugin: string, level: string, message: string): void
}

type By = { actor: string; traceId: string }

/** The mediator: everything that plugins and operators do to each other goes through one of these. */
export type Host = {
  world: World
  audit: Audit
  table: PluginTable
  administrator: Administrator
  authority: Authority
  tokens: Tokens
  health: Health
  messaging: Messaging
  running: Running
  installations: Installations
  register(request: RegistrationRequest): Promise<Registered>
  /** Takes installed plugins into the register, and those out that are no longer installed. */
  syncInstalled(by: By): Promise<void>
  enable(id: string, by: By): Promise<void>
  disable(id: string, reason: string, by: By): Promise<void>
  unregister(id: string, by: By): Promise<void>
  call(call: Call): Promise<Json>
  route(request: RoleRequest): Promise<UpstreamAnswer>
  proxy(
    plugin: Description,
    request: Record<string, Json>,
    traceId: string,
    signal: AbortSignal,
  ): Promise<Record<string, Json>>
  close(): Promise<void>
}

export function openHost(ports: HostPorts): Host {
  const { world, audit, installations } = ports
  const table = pluginTable(ports.database)
  const authority = authorityOf(table, installations, audit)
  const tokens = tokensOf(ports.tokenKey, world)
  const running: Running = runningPlugins({ ...ports, handlersFor: (plugin) => openScope(plugin, scope) })
  const shared = { ...ports, table, authority, tokens, running }
  const health = healthOf(shared)
  const messaging = messagingOf(shared)
  const gateway = { ...shared, health, contracts: operationContracts(installations) }
  const scope = scopeOf(ports, { authority, messaging, call: (call) => callOperation(gateway, call) })
  const lifecycle: LifecyclePorts = {
    table,
    audit,
    joined: (record) => messaging.join(record),
    left: async ({ id }) => {
      health.forget(id)
      await messaging.leave(id)
      await running.stop(id)
    },
  }
  return {
    ...{ world, audit, table, authority, tokens, health, messaging, running, installations },
    administrator: administratorOf(table, world),
    register: (request) => registerPlugin({ ...shared, enrolmentSecret: ports.enrolmentSecret }, request),
    syncInstalled: (by) => syncInstalled(lifecycle, installations, world, by),
    enable: (id, by) => enablePlugin(lifecycle, id, by),
    disable: (id, reason, by) => disablePlugin(lifecycle, id, reason, by),
    unregister: (id, by) => unregisterPlugin(lifecycle, id, by),
    call: (call) => callOperation(gateway, call),
    route: (request) => callRole({ ...shared, health }, request),
    proxy: (plugin, request, traceId, signal) => proxyRequest({ ...shared }, plugin, request, traceId, signal),
    close: () => closeHost(table, messaging, running),
  }
}

function scopeOf(
  ports: HostPorts,
  parts: { authority: Authority; messaging: Messaging; call(call: Call): Promise<Json> },
): Parameters<typeof openScope>[1] {
  const { authority, messaging, call } = parts
  return {
    authority,
    storage: ports.storage,
    log: ports.log,
    newTraceId: () => ports.world.newId(),
    publish: async (plugin, { type, payload, key }, traceId) => {
      await messaging.publish(plugin, { type, payload, key, dataTraits: [], metadata: {}, traceId })
    },
    call: (plugin, target, operation, input, traceId, signal) =>
      call({ caller: { kind: 'plugin', id: plugin.id }, target, operation, input, traceId, signal }),
    fetch: (plugin, request, traceId, signal) =>
      proxyRequest({ ...ports, authority }, plugin, request, traceId, signal),
    note: (plugin, { action, target, details }, traceId) =>
      ports.audit.record({
        actor: `plugin:${plugin.id}`,
        action: `note.${action}`,
        target,
        decision: 'allow',
        reason: 'noted by the plugin',
        traceId,
        details,
      }),
  }
}

/** Registration never activates, installation neither: what is new waits for `enable`. */
async function syncInstalled(
  lifecycle: LifecyclePorts,
  installations: Installations,
  world: World,
  by: By,
): Promise<void> {
  const { table, audit } = lifecycle
  const installed = installations.list().filter(({ description }) => description.runtime.kind !== 'remote')
  const gone = table
    .list()
    .filter(({ id, origin }) => origin === 'installed' && !installed.some(({ description }) => description.id === id))
  for (const { id } of gone) await unregisterPlugin(lifecycle, id, by)
  for (const { description, manifestDigest } of installed) {
    const known = table.get(description.id)
    if (known !== undefined && JSON.stringify(known.description) === JSON.stringify(description)) continue
    await audit.record({
      ...by,
      action: 'plugin.install',
      target: description.id,
      decision: 'allow',
      reason: `version ${description.version}`,
      details: { manifest: manifestDigest },
    })
    if (known !== undefined) await lifecycle.left(known)
    const record = installedRecord(description, known, world)
    table.put(record)
    if (record.status === 'active') await lifecycle.joined(record)
  }
}

const installedRecord = (description: Description, known: PluginRecord | undefined, world: World): PluginRecord => ({
  id: description.id,
  description,
  origin: 'installed',
  status: known?.status ?? 'registered',
  registeredAt: new Date(world.now()).toISOString(),
  tokenId: undefined,
  address: undefined,
  disabledReason: known?.disabledReason,
})

async function closeHost(table: PluginTable, messaging: Messaging, running: Running): Promise<void> {
  for (const { id } of table.list()) await messaging.leave(id)
  await running.stopAll()
}
