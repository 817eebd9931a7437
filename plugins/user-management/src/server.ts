import { once } from 'node:events'
import { setInterval, setTimeout } from 'node:timers/promises'
import { announcerOf } from './announcer.ts'
import { appOf } from './app.ts'
import { openDatabase } from './database.ts'
import { HostFailure, hostAt, type Host } from './host.ts'
import manifest from './host-manifest.json' with { type: 'json' }
import { membershipIn } from './membership.ts'
import { profilesIn } from './profiles.ts'

export type Settings = {
  tenonUrl: string
  enrolmentSecret: string | undefined
  database: string
  address: string
  port: number
  heartbeatMs: number
  retryMs: number
  log: (line: string) => void
}

export type Running = {
  port: number
  /** Settles when the plugin stopped: rejected when the host refused it. */
  ended: Promise<void>
  stop(): Promise<void>
}

/** Listens, then joins the host and keeps telling it that all is well. */
export async function start(settings: Settings): Promise<Running> {
  const { tenonUrl, enrolmentSecret, log } = settings
  const database = openDatabase(settings.database)
  const profiles = profilesIn(database)
  const url = tenonUrl.replace(/\/+$/, '')
  const host = hostAt({ url, enrolmentSecret, manifest, membership: membershipIn(database) })
  const announce = announcerOf(profiles, host, log)
  const app = appOf({ profiles, host, announce, log })
  const stopping = new AbortController()
  app.listen(settings.port, settings.address)
  await once(app, 'listening')
  const ended = belong(host, announce, settings, stopping.signal).finally(async () => {
    app.closeAllConnections()
    app.close()
    await once(app, 'close')
    database.close()
  })
  const address = app.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : settings.port,
    ended,
    stop: async () => {
      stopping.abort()
      await ended
    },
  }
}

/** Joins, trying again while the host cannot be reached, and beats until it is told to stop. */
async function belong(
  host: Host,
  announce: () => Promise<void>,
  { heartbeatMs, retryMs, log }: Settings,
  signal: AbortSignal,
): Promise<void> {
  try {
    while (!(await attempt(() => host.join(), log, isFinal))) await setTimeout(retryMs, undefined, { signal })
    for await (const _ of setInterval(heartbeatMs, undefined, { signal }))
      if (await attempt(() => host.heartbeat(), log)) await announce()
  } catch (thrown) {
    if (!signal.aborted) throw thrown
  }
}

/** A host that refuses us will not change its mind; one that is away or busy may. */
const isFinal = ({ status }: HostFailure): boolean => status >= 400 && status < 500 && status !== 429

/** Whether it went well; a failure of the host is logged, unless it is final. */
async function attempt(
  work: () => Promise<void>,
  log: Settings['log'],
  final: (failure: HostFailure) => boolean = () => false,
): Promise<boolean> {
  try {
    await work()
    return true
  } catch (thrown) {
    if (!(thrown instanceof HostFailure) || final(thrown)) throw thrown
    log(thrown.message)
    return false
  }
}

function settingsFrom(env: NodeJS.ProcessEnv): Settings {
  const { TENON_URL, USER_MANAGEMENT_DB, TENON_ENROLMENT_SECRET, HOST = '127.0.0.1', PORT = '8080' } = env
  if (TENON_URL === undefined || USER_MANAGEMENT_DB === undefined)
    throw new Error('TENON_URL and USER_MANAGEMENT_DB must be set: where the host is, and where the profiles are kept')
  return {
    tenonUrl: TENON_URL,
    enrolmentSecret: TENON_ENROLMENT_SECRET,
    database: USER_MANAGEMENT_DB,
    address: HOST,
    port: Number(PORT),
    heartbeatMs: 10_000,
    retryMs: 1_000,
    log: (line) => void process.stderr.write(`${line}\n`),
  }
}

async function main(): Promise<void> {
  const running = await start(settingsFrom(process.env))
  process.stdout.write(`${JSON.stringify({ port: running.port })}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void running.stop())
  await running.ended
}

if (import.meta.main)
  main().catch((thrown: unknown) => {
    process.stderr.write(`user-management: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    process.exitCode = 1
  })
