import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'
import { expect, onTestFinished } from 'vitest'
import { busMigrations, openBus, type Bus } from '@tenon/bus'
import { parseCapability, type AuditRecord, type Audit, type Json, type World } from '@tenon/contract'
import { openDatabase, openGroupWriter, type Database } from '@tenon/database'
import { guardedFetch, openTunnel, type Gate } from '@tenon/egress'
import {
  fetchUpstream,
  hostFace,
  hostMigrations,
  openHost,
  type Host,
  type HostPorts,
  type KeepCall,
  type Launch,
} from '@tenon/host'
import { buildServer } from '@tenon/http'
import { ledgerMigrations, openAuditLedger } from '@tenon/ledger'
import { chooseLevel, levelProbe, startPlugin } from '@tenon/sandbox'
import { openStorage, sqliteRows, storageMigrations, type Storage } from '@tenon/storage'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { ask, type Answered, type Question } from './ask.ts'
import { installedPlugins, type TestInstallations } from './installed-plugins.ts'

type KeptCall = Parameters<KeepCall>[0]

export type TestHost = {
  host: Host
  url: string
  /** Where its stores are. */
  folder: string
  bus: Bus
  storage: Storage
  database: Database
  installed: TestInstallations
  tokenKey: HostPorts['tokenKey']
  /** The administrator token. */
  token: string
  logged: string[]
  /** The calls that were kept as runs. */
  kept: readonly KeptCall[]
  /** How often a plugin process was started. */
  starts: () => number
  ask(method: string, path: string, question?: Question): Promise<Answered>
  admin(method: string, path: string, body?: unknown): Promise<Answered>
  as(token: string, method: string, path: string, body?: unknown, question?: Question): Promise<Answered>
  register(manifest: Json, token?: string): Promise<string>
  enable(id: string): Promise<void>
  grant(id: string, capabilities: string[]): Promise<void>
  /** Entries that `GET /admin/audit` finds, newest first. */
  audit(query: Record<string, string>): Promise<AuditRecord[]>
  /** The answer is this refusal, and its trace has an entry of it in the audit ledger. */
  refused(answer: Answered, status: number, code: string): Promise<AuditRecord>
  sync(): Promise<void>
  close(): Promise<void>
}

export type TestHostOptions = {
  world?: World
  /** By which processes are started and their hooks are late; the real one without it. */
  sandboxWorld?: World
  folder?: string
  installed?: TestInstallations
  enrolmentSecret?: string
  environment?: string
  launch?: (launch: Launch) => Launch
  keepCall?: KeepCall
  /** What stands outside: its allowed is the host's. */
  outside?: Pick<Gate, 'lookup' | 'dial'>
  /** Stands before the ledger, as a disk that fails would. */
  audit?: (audit: Audit) => Audit
}

const wall = wallWorld()
const levels = levelProbe(wall)
const tokenKey: HostPorts['tokenKey'] = { id: `sha256:${'0'.repeat(64)}`, ...generateKeyPairSync('ed25519') }

/** A host over real stores and real sandboxes, served on loopback until the test ends. */
export async function openTestHost(options: TestHostOptions = {}): Promise<TestHost> {
  const { world = wall, folder = temporaryFolder(), installed = installedPlugins(), enrolmentSecret } = options
  const stores = await openStores(folder, world)
  const logged: string[] = []
  const kept: KeptCall[] = []
  let starts = 0
  const inSandbox: Launch = (...order) => {
    starts += 1
    return launchIn(options.sandboxWorld ?? wall, join(folder, 'state'), logged)(...order)
  }
  const host = openHost({
    world,
    ...stores.ports,
    audit: options.audit?.(stores.ports.audit) ?? stores.ports.audit,
    installations: installed,
    launch: options.launch?.(inSandbox) ?? inSandbox,
    outside: (request, { allowed, secrets, signal }) => {
      const { lookup = async () => [], dial = nowhere } = options.outside ?? {}
      return guardedFetch(request, { gate: { allowed, lookup, dial }, world: wall, secrets, signal })
    },
    tunnel: async ({ allowed, onPassage }) => {
      const { lookup = async () => [], dial = nowhere } = options.outside ?? {}
      const socket = join(temporaryFolder(), 'out.sock')
      const tunnel = await openTunnel(socket, { gate: { allowed, lookup, dial }, onPassage })
      return { socket, close: () => tunnel.close() }
    },
    upstream: fetchUpstream(fetch, world),
    keepCall: options.keepCall ?? (async (call) => void kept.push(call)),
    tokenKey,
    enrolmentSecret,
    environment: options.environment,
    log: (plugin, level, message) => void logged.push(`${plugin} ${level}: ${message}`),
  })
  const server = buildServer({
    world: wall,
    name: 'host',
    version: '1.0.0',
    bodyLimitBytes: 1_048_576,
    checkResponses: true,
  })
  server.mount('', hostFace(host))
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  let closing: Promise<void> | undefined
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      await server.close()
      await host.close()
      await stores.close()
    })())
  onTestFinished(close)
  const token = (await host.administrator.makeToken()) ?? host.administrator.lendToken()
  const parts = { host, url, folder, installed, tokenKey, token, logged, kept, starts: () => starts, close }
  return { ...parts, ...stores.ports, ...asking(host, url, token) }
}

const nowhere: Gate['dial'] = async () => {
  throw new Error('nothing may be dialled')
}

async function openStores(folder: string, world: World) {
  mkdirSync(join(folder, 'state'), { recursive: true })
  const events = await openGroupWriter(join(folder, 'events.db'), {
    migrations: [...ledgerMigrations, ...busMigrations],
    world,
  })
  const kept = await openGroupWriter(join(folder, 'storage.db'), { migrations: storageMigrations, world })
  const audit = openAuditLedger({ writer: events, world })
  const bus = openBus({ writer: events, world })
  const storage = openStorage({
    store: sqliteRows(kept),
    world,
    masterKeys: { current: new Uint8Array(32).fill(7), former: [] },
  })
  const database = openDatabase(join(folder, 'host.db'), { migrations: hostMigrations, world })
  const close = async (): Promise<void> => {
    await storage.close()
    await kept.close()
    await bus.close()
    audit.close()
    await events.close()
    database.close()
  }
  return { ports: { audit, bus, storage, database }, close }
}

const launchIn =
  (world: World, stateDir: string, logged: string[]): Launch =>
  async ({ plugin }, handlers, news, _granted, egress) => {
    const { id, version, resources, isolation } = plugin.description
    const [entry] = plugin.modules
    return startPlugin({
      world,
      level: await chooseLevel(levels, { required: isolation?.requires ?? [], signed: false }),
      plugin: { id, version, kind: 'node', code: { bytes: entry ?? new Uint8Array() } },
      limits: resources ?? {},
      mounts: [],
      workspace: undefined,
      env: {},
      handlers,
      onLog: (stream, text) => void logged.push(`${id} ${stream}: ${text}`),
      ...news,
      egress,
      stateDir,
    })
  }

function asking(host: Host, url: string, token: string) {
  const as: TestHost['as'] = (bearer, method, path, body, question = {}) =>
    ask(`${url}${path}`, method, {
      ...question,
      headers: { authorization: `Bearer ${bearer}`, ...question.headers },
      ...(body === undefined ? {} : { body }),
    })
  const admin: TestHost['admin'] = (method, path, body) => as(token, method, path, body)
  const audit: TestHost['audit'] = async (query) => {
    const { body } = await admin('GET', `/admin/audit?${new URLSearchParams(query).toString()}`)
    return body['items'] as AuditRecord[]
  }
  const done = (answer: Answered): Answered => {
    expect(answer, answer.text).toMatchObject({ status: expect.toSatisfy((status: number) => status < 300) })
    return answer
  }
  return {
    admin,
    as,
    audit,
    ask: (method: string, path: string, question?: Question) => ask(`${url}${path}`, method, question),
    register: async (manifest: Json, bearer?: string) => {
      const headers: Record<string, string> = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }
      return done(await ask(`${url}/plugins/register`, 'POST', { headers, body: manifest })).body['token'] as string
    },
    enable: async (id: string) => void done(await admin('POST', `/admin/plugins/${id}/enable`)),
    grant: async (id: string, capabilities: string[]) => {
      capabilities.map(parseCapability)
      done(await admin('PUT', `/admin/plugins/${id}/grants`, { capabilities }))
    },
    refused: async (answer: Answered, status: number, code: string) => {
      expect([answer.status, answer.body['code'], answer.headers['content-type']], answer.text).toEqual([
        status,
        code,
        'application/problem+json',
      ])
      const entries = await audit({ traceId: String(answer.headers['x-trace-id']), decision: 'deny' })
      expect(entries, `one refusal of ${answer.text}`).toHaveLength(1)
      expect(entries[0]?.reason).toMatch(new RegExp(`^${code}(: |$)`))
      return entries[0] as AuditRecord
    },
    sync: () => host.syncInstalled({ actor: 'test', traceId: 'test' }),
  }
}
