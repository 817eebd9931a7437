import { asTenonError, limits, TenonError, type Audit, type World } from '@tenon/contract'
import { healthPolls } from './health-polls.ts'
import { addressOf } from './plugin-address.ts'
import type { PluginTable } from './plugin-table.ts'
import type { PluginRecord } from './records.ts'
import type { Running } from './running.ts'
import type { Upstream } from './upstream.ts'

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unknown'

export type HealthRecord = {
  status: HealthStatus
  consecutiveFailures: number
  lastCheck?: string
  lastHeartbeat?: string
  responseTimeMs?: number
  errorMessage?: string
}

const UNKNOWN: HealthRecord = { status: 'unknown', consecutiveFailures: 0 }

export type Health = {
  of(id: string): HealthRecord
  /** A plugin's own word. It may say that it is worse than polling found, never that it is better. */
  heartbeat(id: string, status: HealthStatus): Promise<void>
  /** From now on the plugin is asked, at once and then as often as it says, while `run` goes on. */
  join(id: string): void
  leave(id: string): void
  /** Polls every active plugin, those that join included, until the signal is aborted; never rejects. */
  run(signal: AbortSignal): Promise<void>
}

export type HealthPorts = {
  world: World
  audit: Audit
  table: PluginTable
  running: Running
  upstream: Upstream
  log: (plugin: string, level: string, message: string) => void
}

export function healthOf(ports: HealthPorts): Health {
  const records = new Map<string, HealthRecord>()
  const of = (id: string): HealthRecord => records.get(id) ?? UNKNOWN
  const change = async (id: string, next: HealthRecord): Promise<void> => {
    const before = of(id).status
    records.set(id, next)
    if (before !== next.status) await recordChange(ports, id, before, next)
  }
  const check = async (record: PluginRecord, signal: AbortSignal): Promise<void> => {
    const began = ports.world.monotonic()
    const found = await probe(ports, record)
    // Whoever was taken out meanwhile has no health any more.
    if (found === 'nothing to probe' || signal.aborted) return
    const lastCheck = new Date(ports.world.now()).toISOString()
    const responseTimeMs = Math.round(ports.world.monotonic() - began)
    await change(record.id, { ...afterProbe(of(record.id), found), lastCheck, responseTimeMs })
  }
  const polls = healthPolls(async (id, signal) => {
    while (!signal.aborted) {
      const record = ports.table.get(id)
      // One check that fails, as when the ledger cannot be written, does not end the polling.
      if (record !== undefined)
        await check(record, signal).catch((thrown: unknown) => ports.log(id, 'error', asTenonError(thrown).message))
      await ports.world.timer(intervalOf(record), signal).catch(() => undefined)
    }
  })
  return {
    of,
    join: polls.begin,
    leave: (id) => {
      polls.end(id)
      records.delete(id)
    },
    heartbeat: async (id, status) => {
      const current = of(id)
      const mayLift = current.consecutiveFailures === 0 || SEVERITY.indexOf(status) >= SEVERITY.indexOf(current.status)
      const lastHeartbeat = new Date(ports.world.now()).toISOString()
      await change(id, { ...current, status: mayLift ? status : current.status, lastHeartbeat })
    },
    run: (signal) =>
      polls.run(
        ports.table.list().flatMap(({ id, status }) => (status === 'active' ? [id] : [])),
        signal,
      ),
  }
}

/** How long to wait between two checks: as the plugin says, within what is good for the host. */
function intervalOf(record: PluginRecord | undefined): number {
  const wanted = record?.description.health?.check?.intervalMs ?? limits.healthIntervalMs
  return Math.min(Math.max(wanted, limits.healthIntervalMinMs), limits.healthIntervalMaxMs)
}

type Found = { fault: string | undefined } | 'nothing to probe'

function afterProbe(
  { lastHeartbeat, consecutiveFailures }: HealthRecord,
  { fault }: Exclude<Found, string>,
): HealthRecord {
  const kept = lastHeartbeat === undefined ? {} : { lastHeartbeat }
  if (fault === undefined) return { ...kept, status: 'healthy', consecutiveFailures: 0 }
  const failures = consecutiveFailures + 1
  const status = failures >= limits.healthFailuresMax ? 'unhealthy' : 'degraded'
  return { ...kept, status, consecutiveFailures: failures, errorMessage: fault }
}

const SEVERITY: readonly HealthStatus[] = ['unknown', 'healthy', 'degraded', 'unhealthy']

const recordChange = (
  { audit, world }: HealthPorts,
  id: string,
  before: HealthStatus,
  next: HealthRecord,
): Promise<void> =>
  audit.record({
    actor: 'host',
    action: 'plugin.health',
    target: id,
    decision: 'allow',
    reason: `${before} → ${next.status}`,
    traceId: world.newId(),
  })

/** What is wrong with a plugin. One that does not run now is not started to be asked. */
async function probe(ports: HealthPorts, record: PluginRecord): Promise<Found> {
  if (record.description.runtime.kind === 'remote') return probeRemote(ports, record)
  const run = ports.running.now(record.id)
  return run === undefined ? 'nothing to probe' : faultOf(run.process.ping())
}

async function probeRemote({ world, upstream }: HealthPorts, record: PluginRecord): Promise<Found> {
  const check = record.description.health?.check
  if (check === undefined || check.type !== 'http') return 'nothing to probe'
  const { expectedStatus = 200, path = '/health' } = check
  const timeoutMs = Math.min(check.timeoutMs ?? limits.healthTimeoutMs, limits.callMs)
  const late = new AbortController()
  const settled = new AbortController()
  const deadline = world.timer(timeoutMs, settled.signal).then(
    () => late.abort(),
    () => undefined,
  )
  const asked = async (): Promise<void> => {
    const url = `${addressOf(record)}${path}`
    const { status } = await upstream({ url, method: 'GET', headers: {}, body: undefined, signal: late.signal })
    if (status !== expectedStatus) throw new TenonError('UPSTREAM_UNREACHABLE', `answered ${status}`)
  }
  const found = await faultOf(asked())
  settled.abort()
  await deadline
  return late.signal.aborted ? { fault: `did not answer within ${timeoutMs} ms` } : found
}

const faultOf = (work: Promise<void>): Promise<{ fault: string | undefined }> =>
  work.then(
    () => ({ fault: undefined }),
    (thrown: unknown) => ({ fault: asTenonError(thrown).message }),
  )
