import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { World } from '@tenon/contract'
import { openDatabase, openGroupWriter } from '@tenon/database'
import { guardedFetch, systemDial, systemLookup } from '@tenon/egress'
import { fetchUpstream, hostFace, hostMigrations, openHost, type Host, type HostPrincipal } from '@tenon/host'
import type { Face, Route } from '@tenon/http'
import { openStorage, storageMigrations } from '@tenon/storage'
import { openEventsStore, type EventsStore } from './events-store.ts'
import { workspaceInstallations, type WorkspaceInstallations } from './installations.ts'
import { launchInSandbox, machineLevels, type Levels } from './launch.ts'
import type { Locations } from './locations.ts'
import { masterKey, tokenKey } from './machine-keys.ts'
import { diagnosisRoutes } from './routes/diagnosis.ts'
import { mapRoutes } from './routes/map.ts'
import { runRoutes } from './routes/runs.ts'
import { workspaceRoutes } from './routes/workspace.ts'
import type { WorkspacePorts } from './workspace-ports.ts'

export type HostProcess = {
  host: Host
  events: EventsStore
  installations: WorkspaceInstallations
  levels: Levels
  face: Face<HostPrincipal>
  close(): Promise<void>
}

export type HostProcessOptions = {
  world: World
  locations: Locations
  registryUrl(): string | undefined
  enrolmentSecret: string | undefined
  log(plugin: string, level: string, message: string): void
}

/** Wires a host over a workspace: its stores, its sandbox, its ways out, and what it offers over HTTP. */
export async function openHostProcess(options: HostProcessOptions): Promise<HostProcess> {
  const { world, locations } = options
  for (const folder of [locations.host, locations.state]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const events = await openEventsStore(locations.host, world)
  const storageWriter = await openGroupWriter(join(locations.host, 'storage.db'), {
    migrations: storageMigrations,
    world,
  })
  const storage = openStorage({ writer: storageWriter, world, masterKey: await masterKey(locations.home, world) })
  const database = openDatabase(join(locations.host, 'host.db'), { migrations: hostMigrations, world })
  const installations = await workspaceInstallations(locations)
  const levels = machineLevels(world)
  const host = openHost({
    world,
    database,
    audit: events.ledger,
    bus: events.bus,
    storage,
    installations,
    launch: launchInSandbox({ ...options, audit: events.ledger, levels, installations }),
    outside: (request, allowed, signal) =>
      guardedFetch(request, { gate: { allowed, lookup: systemLookup, dial: systemDial }, world, signal }),
    upstream: fetchUpstream(fetch, world),
    tokenKey: await tokenKey(locations.home),
    enrolmentSecret: options.enrolmentSecret,
    log: options.log,
  })
  await host.syncInstalled({ actor: 'host', traceId: world.newId() })
  for (const record of host.table.list()) if (record.status === 'active') await host.messaging.join(record)
  const polling = new AbortController()
  const polled = host.health.run(polling.signal)
  const face = hostFace(host)
  return {
    ...{ host, events, installations, levels },
    face: { ...face, routes: [...routesOf({ ...options, host, events, installations, levels }), ...face.routes] },
    close: async () => {
      polling.abort()
      await polled
      await host.close()
      storage.close()
      await storageWriter.close()
      await events.close()
      database.close()
    },
  }
}

const routesOf = (ports: WorkspacePorts): Route<HostPrincipal>[] => [
  ...workspaceRoutes(ports),
  ...runRoutes(ports),
  ...mapRoutes(ports),
  ...diagnosisRoutes(ports),
]
