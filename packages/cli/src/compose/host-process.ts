import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { asTenonError, limits, type World } from '@tenon/contract'
import { openDatabase } from '@tenon/database'
import { guardedFetch, systemDial, systemLookup } from '@tenon/egress'
import {
  fetchUpstream,
  hostFace,
  hostMigrations,
  openHost,
  type Host,
  type HostPrincipal,
  type Outside,
} from '@tenon/host'
import type { Face } from '@tenon/http'
import { standbyOf, type Level } from '@tenon/sandbox'
import { openEventsStore, type EventsStore } from './events-store.ts'
import { workspaceInstallations, type WorkspaceInstallations } from './installations.ts'
import { launchInSandbox, machineLevels } from './launch.ts'
import type { Locations } from './locations.ts'
import { tokenKey } from './machine-keys.ts'
import { outsideTunnel } from './outside-tunnel.ts'
import { openPluginStorage } from './plugin-storage.ts'
import { keepsCalls } from './keep-call.ts'
import { revocationWatch, type RevocationWatch } from './revocation-watch.ts'
import { diagnosisRoutes } from './routes/diagnosis.ts'
import { mapRoutes } from './routes/map.ts'
import { runRoutes } from './routes/runs.ts'
import { storageRoutes } from './routes/storage.ts'
import { trustRoutes } from './routes/trust.ts'
import { workspaceRoutes } from './routes/workspace.ts'
import { runsOf } from './runs.ts'
import { storageCare } from './storage-care.ts'

export type HostProcess = {
  host: Host
  events: EventsStore
  installations: WorkspaceInstallations
  face: Face<HostPrincipal>
  close(): Promise<void>
}

export type HostProcessOptions = {
  world: World
  locations: Locations
  registryUrl(): string | undefined
  enrolmentSecret: string | undefined
  environment: string | undefined
  /** The level that everything runs on; without, the strongest that the machine offers. */
  isolation?: Level | undefined
  log(plugin: string, level: string, message: string): void
  /** Aborted when the process is told to end. */
  signal: AbortSignal
}

/** Wires a host over a workspace: its stores, its sandbox, its ways out, and what it offers over HTTP. */
export async function openHostProcess(options: HostProcessOptions): Promise<HostProcess> {
  const { world, locations } = options
  await using opened = new AsyncDisposableStack()
  for (const folder of [locations.host, locations.state]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const watch = revocationWatch(world, locations)
  const installations = await workspaceInstallations(world, locations, watch)
  const events = opened.adopt(await openEventsStore(locations.host, world), (store) => store.close())
  const storage = opened.adopt(await openPluginStorage(locations, world), (store) => store.close())
  const migrations = hostMigrations
  const database = opened.adopt(openDatabase(join(locations.host, 'host.db'), { migrations, world }), (db) =>
    db.close(),
  )
  const levels = machineLevels(world, options.isolation)
  const standby = opened.adopt(standbyOf(world), (one) => one.release())
  const ports = {
    ...{ world, database, installations, audit: events.ledger, bus: events.bus, storage: storage.storage },
    launch: launchInSandbox({ ...options, levels, standby }),
    outside: outsideBy(world),
    tunnel: outsideTunnel,
    upstream: fetchUpstream(fetch, world),
    keepCall: keepsCalls(world, installations, locations),
    tokenKey: await tokenKey(locations.home),
    enrolmentSecret: options.enrolmentSecret,
    environment: options.environment,
    log: options.log,
  }
  const host = opened.adopt(openHost(ports), (one) => one.close())
  await host.syncInstalled({ actor: 'host', traceId: world.newId() })
  for (const record of host.table.list()) if (record.status === 'active') await host.messaging.join(record)
  opened.defer(startPolling(host))
  opened.defer(startReconsidering(options, host, watch))
  const parts = {
    ...options,
    host,
    events,
    installations,
    levels,
    watch,
    admit: host.admissions.admit,
    tunnel: host.tunnel,
  }
  const runs = opened.adopt(runsOf(parts), (one) => one.close())
  const care = storageCare({ ...storage, ...parts, audit: events.ledger })
  const face = hostFace(host)
  const routes = [
    ...workspaceRoutes(parts),
    ...runRoutes(runs),
    ...mapRoutes(parts),
    ...storageRoutes(care),
    ...diagnosisRoutes(parts),
    ...trustRoutes(parts),
    ...face.routes,
  ]
  const closing = opened.move()
  return { host, events, installations, face: { ...face, routes }, close: () => closing.disposeAsync() }
}

const outsideBy =
  (world: World): Outside =>
  (request, { allowed, secrets, signal }) =>
    guardedFetch(request, { gate: { allowed, lookup: systemLookup, dial: systemDial }, world, secrets, signal })

/** Looks again and again whether what runs still may, by the latest word of the registries, until the answer is called. */
function startReconsidering(
  { world, log }: HostProcessOptions,
  { admissions }: Host,
  watch: RevocationWatch,
): () => Promise<void> {
  const stop = new AbortController()
  const repeat = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await world.timer(limits.revocationPollMs, stop.signal).catch(() => undefined)
      if (stop.signal.aborted) return
      watch.forget()
      // Once that fails, as when the ledger cannot be written, does not end the looking.
      await admissions.reconsider().catch((thrown: unknown) => log('host', 'error', asTenonError(thrown).message))
    }
  }
  const repeated = repeat()
  return async () => {
    stop.abort()
    await repeated
  }
}

/** Polls the plugins' health until the answer is called. */
function startPolling(host: Host): () => Promise<void> {
  const polling = new AbortController()
  const polled = host.health.run(polling.signal)
  return async () => {
    polling.abort()
    await polled
  }
}
