import {
  FINDINGS,
  inTurn,
  isFinding,
  limits,
  TenonError,
  type Audit,
  type Digest,
  type Problem,
  type World,
} from '@tenon/contract'
import { recordingRefusal, type By } from './audited.ts'
import type { OverrideRecord, OverrideTable } from './override-table.ts'
import type { Installations } from './records.ts'

export type OverrideState = 'requested' | 'approved' | 'revoked' | 'expired'

/** What an administrator asks for. `digest` is that of the manifest of the very bundle that is meant. */
export type OverrideRequest = { plugin: string; digest: string; finding: string; why: string; lifetimeMs: number }

export type Overrides = {
  /** Asks for an override; where there is one administrator only, it is approved with that. */
  request(request: OverrideRequest, by: By): Promise<OverrideRecord>
  /** Puts it in force until it expires. Whoever asked for it does not approve it while there are others. */
  approve(id: string, by: By): Promise<OverrideRecord>
  /** Ends it, or what was asked for, and what runs only by it. */
  revoke(id: string, by: By): Promise<OverrideRecord>
  list(): OverrideRecord[]
  stateOf(record: OverrideRecord): OverrideState
  /** The override by which a finding does not count for a bundle now. */
  waiving(plugin: string, digest: Digest, finding: string): OverrideRecord | undefined
}

export type OverridePorts = {
  world: World
  audit: Audit
  installations: Installations
  overrides: OverrideTable
  administrators(): readonly string[]
  /** Called when one is no longer in force. */
  ended(): Promise<void>
}

export function overridesOf(ports: OverridePorts): Overrides {
  const { overrides } = ports
  const alone = inTurn()
  return {
    stateOf: (record) => stateOf(ports, record),
    list: () => overrides.list(),
    waiving: (plugin, digest, finding) =>
      overrides.of(plugin, digest, finding).find((one) => stateOf(ports, one) === 'approved'),
    request: (request, by) => alone(() => askedFor(ports, request, by)),
    approve: (id, by) => alone(() => approved(ports, id, by)),
    revoke: (id, by) =>
      alone(async () => {
        const over = await revoked(ports, id, by)
        await ports.ended()
        return over
      }),
  }
}

function stateOf({ world }: OverridePorts, record: OverrideRecord): OverrideState {
  if (record.revokedAt !== undefined) return 'revoked'
  if (world.now() >= record.expiresAt) return 'expired'
  return record.approvedAt === undefined ? 'requested' : 'approved'
}

const inForce = ({ world }: OverridePorts, record: OverrideRecord, { actor }: By): OverrideRecord => ({
  ...record,
  approvedBy: actor,
  approvedAt: world.now(),
})

function askedFor(ports: OverridePorts, request: OverrideRequest, by: By): Promise<OverrideRecord> {
  const { overrides, administrators } = ports
  return stepping(ports, 'request', by, request.plugin, async (take) => {
    const record = await take(requested(ports, request, by))
    if (administrators().length > 1) return record
    const done = inForce(ports, record, by)
    await recordStep(ports, 'approve', by, done, 'this host has one administrator')
    overrides.put(done)
    return done
  })
}

function approved(ports: OverridePorts, id: string, by: By): Promise<OverrideRecord> {
  return stepping(ports, 'approve', by, id, (take) => {
    const record = known(ports, id, ['requested'])
    refuseOwn(ports, record, by)
    return take(inForce(ports, record, by))
  })
}

function revoked(ports: OverridePorts, id: string, by: By): Promise<OverrideRecord> {
  return stepping(ports, 'revoke', by, id, (take) => {
    const record = known(ports, id, ['requested', 'approved'])
    return take({ ...record, revokedBy: by.actor, revokedAt: ports.world.now() })
  })
}

type Step = 'request' | 'approve' | 'revoke'

/** A step, taken once it is on disk, or whose refusal is. */
const stepping = (
  ports: OverridePorts,
  step: Step,
  by: By,
  target: string,
  decide: (take: (record: OverrideRecord) => Promise<OverrideRecord>) => Promise<OverrideRecord>,
): Promise<OverrideRecord> =>
  recordingRefusal(
    ports.audit,
    () => ({ ...by, action: `override.${step}`, target }),
    async () =>
      decide(async (record) => {
        await recordStep(ports, step, by, record, record.why)
        ports.overrides.put(record)
        return record
      }),
  )

const recordStep = (
  { audit }: OverridePorts,
  step: Step,
  by: By,
  { id, plugin, digest, finding, expiresAt }: OverrideRecord,
  reason: string,
): Promise<void> =>
  audit.record({
    ...{ ...by, action: `override.${step}`, target: plugin, decision: 'allow', reason },
    details: { override: id, digest, finding, expiresAt: new Date(expiresAt).toISOString() },
  })

function requested({ world, installations }: OverridePorts, request: OverrideRequest, by: By): OverrideRecord {
  const { plugin, digest, finding, why, lifetimeMs } = request
  const installed = installations.get(plugin)?.manifestDigest
  const faults: [key: string, fault: string | false][] = [
    ['plugin', installed === undefined && `"${plugin}" is not installed, or not what was installed`],
    [
      'digest',
      installed !== undefined && installed !== digest && `the installed "${plugin}" is ${installed}, not ${digest}`,
    ],
    [
      'finding',
      !isFinding(finding) && `"${finding}" is nothing that can be overridden; what can is ${FINDINGS.join(', ')}`,
    ],
    ['lifetimeMs', !isLifetime(lifetimeMs) && `${lifetimeMs} ms is not from 1 second to 30 days`],
  ]
  const problems = faults.flatMap(([key, message]): Problem[] =>
    message === false ? [] : [{ pointer: `/${key}`, code: 'OVERRIDE_INVALID', message }],
  )
  if (problems.length > 0 || !isFinding(finding))
    throw new TenonError('OVERRIDE_INVALID', problems.map(({ message }) => message).join('; '), {
      problems,
      hint: '"tenon plugin inspect" shows the digest and what speaks against a plugin. What was changed is never lifted.',
    })
  const now = world.now()
  return {
    ...{ id: world.newId(), plugin, digest, finding, why, requestedBy: by.actor, requestedAt: now },
    ...{ expiresAt: now + lifetimeMs, approvedBy: undefined, approvedAt: undefined },
    ...{ revokedBy: undefined, revokedAt: undefined },
  }
}

const isLifetime = (ms: number): boolean => ms >= limits.overrideMsMin && ms <= limits.overrideMsMax

function known(ports: OverridePorts, id: string, wanted: readonly OverrideState[]): OverrideRecord {
  const record = ports.overrides.get(id)
  if (record === undefined)
    throw new TenonError('OVERRIDE_UNKNOWN', `there is no override "${id}"`, {
      hint: 'GET /admin/overrides lists them.',
    })
  const state = stateOf(ports, record)
  if (!wanted.includes(state)) throw new TenonError('OVERRIDE_INVALID', `the override ${id} is ${state}`)
  return record
}

function refuseOwn({ administrators }: OverridePorts, { requestedBy }: OverrideRecord, { actor }: By): void {
  if (requestedBy !== actor || administrators().length === 1) return
  throw new TenonError('PERMISSION_DENIED', `${actor} asked for it: another administrator approves it`, {
    hint: `The administrators are ${administrators().join(', ')}.`,
  })
}
