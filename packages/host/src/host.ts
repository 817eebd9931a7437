import {
  inTurn,
  type Audit,
  type Description,
  type EventBus,
  type Json,
  type JsonObject,
  type World,
} from '@tenon/contract'
import type { Database } from '@tenon/database'
import type { Take } from '@tenon/sandbox'
import type { Storage } from '@tenon/storage'
import { admissionsOf, type Admissions } from './admission.ts'
import { administratorOf, type Administrator } from './administrator.ts'
import type { By } from './audited.ts'
import { authorityOf, type Authority } from './authority.ts'
import { contractsOf } from './contracts.ts'
import { callOperation, streamOperation, type Call } from './gateway.ts'
import { healthOf, type Health } from './health.ts'
import { syncInstalled } from './installed-plugins.ts'
import type { KeepCall } from './kept-call.ts'
import { keysOfOthers } from './keys-of-others.ts'
import { disablePlugin, enablePlugin, quarantinePlugin, unregisterPlugin, type LifecyclePorts } from './lifecycle.ts'
import { messagingOf, type Messaging, type SubscriptionRequest } from './messaging.ts'
import { changeGrants, setAddress } from './operator-settings.ts'
import { migratePlugin, migrationsOf, type BringOptions, type Migrated } from './migrations.ts'
import { overrideTable } from './override-table.ts'
import { overridesOf, type Overrides } from './overrides.ts'
import { pluginTable, type PluginTable } from './plugin-table.ts'
import { proxyRequest, type Outside, type ProxyRequest } from './proxy-lane.ts'
import type { InstalledPlugin, Installations } from './records.ts'
import { registerPlugin, type Registered, type RegistrationRequest } from './registration.ts'
import { refuseReturning } from './returning.ts'
import { callRole, type RoleRequest } from './role-route.ts'
import { runningPlugins, type Running } from './running.ts'
import { openScope, type ScopePorts } from './scope.ts'
import type { Launch } from './start.ts'
import { settingsOf, type PluginSettings } from './settings.ts'
import { callService, type ServiceCall } from './services.ts'
import { startSweeping } from './storage-sweeps.ts'
import { throttleOf } from './throttle.ts'
import { tokensOf, type TokenKey, type Tokens } from './tokens.ts'
import { tunnelFor, type OpenTunnel, type OutsideTunnel } from './tunnel-lane.ts'
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
  tunnel: OutsideTunnel
  upstream: Upstream
  keepCall: KeepCall
  tokenKey: TokenKey
  enrolmentSecret: string | undefined
  /** The named environment in which this host runs, if any: some settings may be others there. */
  environment: string | undefined
  log: (plugin: string, level: string, message: string) => void
}

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
  /** The way outside for a process of a plugin, where anything outside was asked for and granted. */
  tunnel(plugin: InstalledPlugin): Promise<OpenTunnel | undefined>
  settings: PluginSettings
  admissions: Admissions
  overrides: Overrides
  /** Brings what a plugin stored to the versions that it declares, or only tries to. */
  migrate(id: string, options: BringOptions, by: By): Promise<Migrated>
  /** Throws STORAGE_NEWER for plugins that would not start over what they stored, were these versions of them to come back. */
  refuseReturning(returning: readonly Description[], by: By): Promise<void>
  register(request: RegistrationRequest): Promise<Registered>
  syncInstalled(by: By): Promise<void>
  enable(id: string, by: By): Promise<void>
  disable(id: string, reason: string, by: By): Promise<void>
  unregister(id: string, by: By): Promise<void>
  setAddress(id: string, address: string, by: By): Promise<void>
  /** Settles with what the plugin is granted on this host from now on. */
  changeGrants(id: string, next: (granted: readonly string[]) => readonly string[], by: By): Promise<string[]>
  subscribe(plugin: string, request: SubscriptionRequest): Promise<void>
  call(call: Call): Promise<Json>
  /** The same, with the parts of the answer as they come. */
  stream(call: Call, take: Take): Promise<void>
  callService(call: ServiceCall): Promise<Json>
  route(request: RoleRequest): Promise<UpstreamAnswer>
  proxy(request: ProxyRequest): Promise<JsonObject>
  close(): Promise<void>
}

export function openHost(ports: HostPorts): Host {
  const { world, audit, installations } = ports
  // Whatever changes who takes part reads the register, waits for the ledger and writes the register: one at a time.
  const alone = inTurn()
  const table = pluginTable(ports.database)
  const authority = authorityOf(table, installations)
  const administrator = administratorOf(table, audit, world)
  const { overrides, admissions } = judgesOf(ports, administrator)
  const tokens = tokensOf(ports.tokenKey, world)
  const isActive = (id: string): boolean => table.get(id)?.status === 'active'
  const started = (id: string): void => health.join(id)
  const migrations = migrationsOf({ ...ports, authority })
  const tunnel: Host['tunnel'] = (plugin) => tunnelFor({ ...ports, authority }, plugin)
  const running = runningPlugins({
    ...{ ...ports, isActive, started, granted: authority.granted, admit: admissions.admit },
    migrate: (admitted, ending) =>
      migrations.bring(admitted, { actor: 'host', traceId: world.newId() }, { dryRun: false, ending }),
    tunnel,
    handlersFor: (plugin, uses) => openScope(plugin, scope, uses),
    failed: (id, cause, isStill) =>
      alone(async () => {
        if (isStill()) await quarantinePlugin(lifecycle, id, cause, { actor: 'host', traceId: world.newId() })
      }),
  })
  const known = { ...ports, table, authority, tokens, running }
  const health = healthOf(known)
  const lanes = { ...known, health, contracts: contractsOf(installations), throttle: throttleOf(world) }
  const messaging = messagingOf(lanes)
  const settings = settingsOf(known)
  const scope = scopeOf(lanes, messaging, settings)
  const lifecycle = lifecycleOf(lanes, messaging)
  const stopSweeping = startSweeping(ports)
  return {
    ...{ world, audit, table, authority, admissions, tokens, health },
    ...{ messaging, running, tunnel, settings, administrator, overrides },
    migrate: (id, wanted, by) =>
      migratePlugin({ table, audit, installations, migrations, admit: admissions.admit }, id, wanted, by),
    refuseReturning: (returning, by) => refuseReturning(ports, returning, by),
    register: (request) => alone(() => registerPlugin({ ...known, left: lifecycle.left }, request)),
    syncInstalled: (by) =>
      alone(() => syncInstalled({ world, lifecycle, installations }, by).then(() => running.refresh())),
    enable: (id, by) => alone(() => enablePlugin(lifecycle, id, by)),
    disable: (id, reason, by) => alone(() => disablePlugin(lifecycle, id, reason, by)),
    unregister: (id, by) => alone(() => unregisterPlugin(lifecycle, id, by)),
    setAddress: (id, address, by) => alone(() => setAddress(lifecycle, id, address, by)),
    changeGrants: (id, next, by) =>
      alone(async () => {
        const granted = await changeGrants(lifecycle, id, next, by)
        await running.refresh()
        return granted
      }),
    subscribe: (plugin, request) => alone(() => messaging.subscribe(plugin, request)),
    call: (call) => callOperation(lanes, call),
    stream: (call, take) => streamOperation(lanes, call, take),
    callService: (call) => callService(lanes, call),
    route: (request) => callRole(lanes, request),
    proxy: (request) => proxyRequest(lanes, request),
    close: () =>
      alone(async () => {
        await stopSweeping()
        await closeHost(table, messaging, running)
      }),
  }
}

/** What an override let run ends with it, and what may run depends on overrides. */
function judgesOf({ world, audit, installations, database }: HostPorts, administrator: Administrator) {
  const overrides = overridesOf({
    ...{ world, audit, installations, overrides: overrideTable(database), administrators: administrator.names },
    ended: () => admissions.reconsider(),
  })
  const admissions: Admissions = admissionsOf({ world, audit, installations, waiving: overrides.waiving })
  return { overrides, admissions }
}

type Lanes = HostPorts &
  Parameters<typeof callOperation>[0] &
  Parameters<typeof callService>[0] &
  Parameters<typeof proxyRequest>[0]

const scopeOf = (lanes: Lanes, messaging: Messaging, settings: PluginSettings): ScopePorts => ({
  authority: lanes.authority,
  audit: lanes.audit,
  storage: lanes.storage,
  keysOfOthers: keysOfOthers(lanes),
  configOf: settings.ofPlugin,
  log: lanes.log,
  newTraceId: () => lanes.world.newId(),
  publish: async (plugin, event, { traceId }) => {
    await messaging.publish(plugin, { ...event, dataTraits: [], metadata: {}, traceId })
  },
  call: (plugin, call, around) => callOperation(lanes, { caller: { kind: 'plugin', id: plugin }, ...call, ...around }),
  stream: (plugin, call, around, take) =>
    streamOperation(lanes, { caller: { kind: 'plugin', id: plugin }, ...call, ...around }, take),
  callService: (plugin, call, around) =>
    callService(lanes, { caller: { kind: 'plugin', id: plugin }, ...call, ...around }),
  fetch: (plugin, given, around) => proxyRequest(lanes, { caller: plugin, given, secrets: [], ...around }),
})

const lifecycleOf = ({ table, audit, health, running }: Lanes, messaging: Messaging): LifecyclePorts => ({
  table,
  audit,
  joined: async (record) => {
    health.join(record.id)
    await messaging.join(record)
  },
  left: async (id) => {
    health.leave(id)
    await messaging.leave(id)
    await running.stop(id)
  },
})

async function closeHost(table: PluginTable, messaging: Messaging, running: Running): Promise<void> {
  for (const { id } of table.list()) await messaging.leave(id)
  await running.close()
}
