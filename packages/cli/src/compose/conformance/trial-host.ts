import { mkdirSync } from 'node:fs'
import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import type { Bus } from '@tenon/bus'
import { digestFromHex, TenonError, type Audit, type World } from '@tenon/contract'
import { openDatabase, openGroupWriter } from '@tenon/database'
import { fetchUpstream, hostMigrations, openHost, type Host } from '@tenon/host'
import type { AvailableLevel } from '@tenon/sandbox'
import { openStorage, sqliteRows, storageMigrations, type Storage } from '@tenon/storage'
import { openEventsStore } from '../events-store.ts'
import { launchInSandbox } from '../launch.ts'
import { outsideTunnel } from '../outside-tunnel.ts'
import type { InMemoryInstallations } from './in-memory-installations.ts'

export type TrialHost = AsyncDisposable & { host: Host; bus: Bus; audit: Audit; storage: Storage }

export type TrialPorts = {
  world: World
  level: AvailableLevel
  /** An empty folder, for everything that it keeps. */
  folder: string
  /** What may be kept between hosts. */
  stateDir: string
  installations: InMemoryInstallations
}

/** A host as any other, over stores that nobody keeps, and with no way outside: what a plugin fetches is refused. */
export async function openTrialHost(ports: TrialPorts): Promise<TrialHost> {
  const { world, level, folder, installations } = ports
  await using opened = new AsyncDisposableStack()
  const workspace = join(folder, 'workspace')
  mkdirSync(workspace, { recursive: true })
  const events = opened.adopt(await openEventsStore(folder, world), (store) => store.close())
  const storage = await openTrialStorage(folder, world, opened)
  const migrations = hostMigrations
  const database = opened.adopt(openDatabase(join(folder, 'host.db'), { migrations, world }), (db) => db.close())
  const log = (): void => {}
  const locations = { home: folder, owned: folder, workspace, host: folder, registry: folder, state: ports.stateDir }
  const levels = { reportOf: async () => level, choose: async () => level }
  const host = openHost({
    ...{ world, database, installations, audit: events.ledger, bus: events.bus, storage },
    launch: launchInSandbox({ world, levels, locations, log }),
    outside: async () => nowhere(),
    tunnel: ({ onPassage }) => outsideTunnel({ allowed: async () => false, onPassage }),
    upstream: fetchUpstream(fetch, world),
    keepCall: async () => {},
    tokenKey: { id: digestFromHex('0'.repeat(64)), ...generateKeyPairSync('ed25519') },
    ...{ enrolmentSecret: undefined, environment: undefined, log },
  })
  opened.adopt(host, (one) => one.close())
  const lasting = opened.move()
  const parts = { host, bus: events.bus, audit: events.ledger, storage }
  return { ...parts, [Symbol.asyncDispose]: () => lasting.disposeAsync() }
}

function nowhere(): never {
  throw new TenonError('EGRESS_DENIED', 'a plugin under test reaches nothing outside')
}

async function openTrialStorage(folder: string, world: World, opened: AsyncDisposableStack): Promise<Storage> {
  const writer = await openGroupWriter(join(folder, 'storage.db'), { migrations: storageMigrations, world })
  opened.defer(() => writer.close())
  const masterKeys = { current: world.random(32), former: [] }
  return opened.adopt(openStorage({ store: sqliteRows(writer), world, masterKeys }), (one) => one.close())
}

/** Who does what an operator does to a plugin that is tried. */
export const TRIER = { actor: 'conformance', traceId: 'conformance' }
