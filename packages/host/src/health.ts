import { limits, type Audit, type World } from '@tenon/contract'
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
  /** Probes one plugin now. */
  check(record: PluginRecord): Promise<HealthRecord>
  forget(id: string): void
  /** Polls every active plugin until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>
}

export type HealthPorts = { world: World; audit: Audit; table: PluginTable; running: Running; upstream: Upstream }

export function healthOf(ports: HealthPorts): Health {
  const records = new Map<string, HealthRecord>()
  const of = (id: string): HealthRecord => records.get(id) ?? UNKNOWN
  const change = async (id: string, next: HealthRecord): Promise<HealthRecord> => {
    const before = of(id).status
    records.set(id, next)
    if (before !== next.status) await recordChange(ports, id, before, next)
    return next
  }
  const check = async (record: PluginRecord): Promise<HealthRecord> => {
    const began = ports.world.monotonic()
    const fault = await probe(ports, record)
    if (fault === 'nothing to probe') return of(record.id)
    const seen = {
      lastCheck: new Date(ports.world.now()).toISOString(),
      responseTimeMs: Math.round(ports.world.monotonic() - began),
    }
    const kept = keepHeartbeat(of(record.id))
    if (fault === undefined) return change(record.id, { ...kept, ...seen, status: 'healthy', consecutiveFailures: 0 })
    const failures = of(record.id).consecutiveFailures + 1
    const status = failures >= limits.healthFailuresMax ? 'unhealthy' : 'degraded'
    return change(record.id, { ...kept, ...seen, status, consecutiveFailures: failures, errorMessage: fault })
  }
  return {
    of,
    check,
    forget: (id) => void records.delete(id),
    heartbeat: async (id, status) => {
      const current = of(id)
      const worse = SEVERITY.indexOf(status) >= SEVERITY.indexOf(current.status) || current.consecutiveFailures === 0
      await change(id, {
        ...current,
        status: worse ? status : current.status,
        lastHeartbeat: new Date(ports.world.now()).toISOString(),
      })
    },
    run: async (signal) => {
      while (!signal.aborted) {
        await Promise.all(
          ports.table
            .list()
            .filter(({ status }) => status === 'active')
            .map(check),
        )
        await ports.world.timer(limits.healthIntervalMs, signal).catch(() => undefined)
      }
    },
  }
}

const SEVERITY: readonly HealthStatus[] = ['unknown', 'healthy', 'degraded', 'unhealthy']

const keepHeartbeat = ({ lastHeartbeat }: HealthRecord): { lastHeartbeat?: string } =>
  lastHeartbeat === undefined ? {} : { lastHeartbeat }

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

/** What is wrong with a plugin; undefined when it is well. One that does not run now is not started to be asked. */
async function probe(ports: HealthPorts, record: PluginRecord): Promise<string | undefined> {
  if (record.description.runtime.kind !== 'remote') {
    if (ports.running.levelOf(record.id) === undefined) return 'nothing to probe'
    const process = await ports.running.process(record.id)
    return process.ping().then(() => undefined, reasonOf)
  }
  const check = record.description.health?.check
  if (check === undefined || check.type !== 'http') return 'nothing to probe'
  const { expectedStatus = 200, path = '/health', timeoutMs = limits.healthTimeoutMs } = check
  const given = new AbortController()
  const deadline = ports.world.timer(timeoutMs, given.signal).then(
    () => given.abort(),
    () => undefined,
  )
  const answer = ports.upstream({
    url: `${addressOf(record)}${path}`,
    method: 'GET',
    headers: {},
    body: undefined,
    signal: given.signal,
  })
  const fault = await answer.then(
    ({ status }) => (status === expectedStatus ? undefined : `answered ${status}`),
    reasonOf,
  )
  given.abort()
  await deadline
  return fault
}

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
