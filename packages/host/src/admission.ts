import { assert, TenonError, type Audit, type World } from '@tenon/contract'
import type { OverrideRecord } from './override-table.ts'
import type { Overrides } from './overrides.ts'
import type { InstalledPlugin, Installations } from './records.ts'

export type AdmissionPorts = {
  world: World
  audit: Audit
  installations: Installations
  /** The override by which a finding does not count for a bundle now. */
  waiving: Overrides['waiving']
}

/** What would speak against a plugin, but for an override. */
export type Waived = { finding: TenonError; override: OverrideRecord }

/**
 * Whether code of an installed plugin may run now. Without a plugin it is not what was installed and signed, which
 * nothing lifts.
 */
export type Verdict =
  | { plugin: undefined; refusals: readonly [TenonError]; waived: readonly [] }
  | { plugin: InstalledPlugin; byOperator: boolean; refusals: readonly TenonError[]; waived: readonly Waived[] }

/** A plugin that may run; `vouched` when an operator trusts its signer and nothing speaks against it, waived or not. */
export type Admitted = { plugin: InstalledPlugin; vouched: boolean }

/** Code of a plugin that may run until this is disposed of. */
export type Admission = Admitted & Disposable

/** Ends what runs. */
export type End = (why: TenonError) => Promise<void>

export type Admissions = {
  /** Undefined for what is not installed here. */
  verdictOn(id: string): Promise<Verdict | undefined>
  /**
   * Checks a plugin before any of its code runs. Throws why it must not, after that is on disk. `end` is called when
   * something begins to speak against it later.
   */
  admit(id: string, end: End): Promise<Admission>
  /** Ends what runs and may not any more. */
  reconsider(): Promise<void>
}

type Live = { id: string; end: End }

export function admissionsOf(ports: AdmissionPorts): Admissions {
  const live = new Set<Live>()
  const verdictOn = (id: string): Promise<Verdict | undefined> => verdict(ports, id)
  const endAll = (id: string, why: TenonError): Promise<void>[] =>
    [...live].filter((one) => one.id === id).map((one) => one.end(why))
  return {
    verdictOn,
    admit: async (id, end) => {
      const mine = { id, end }
      using held = new DisposableStack()
      // From here on, so that nothing that comes to be known while it is checked or starts is missed.
      live.add(mine)
      held.defer(() => live.delete(mine))
      const found = await admitted(ports, id)
      const holding = held.move()
      return { ...found, [Symbol.dispose]: () => holding.dispose() }
    },
    reconsider: async () => {
      for (const id of new Set([...live].map((one) => one.id))) {
        const now = await verdictOn(id)
        const refusal = now?.refusals[0]
        // What runs was made of bytes that were good, whatever became of the files since.
        if (now?.plugin === undefined || refusal === undefined) continue
        try {
          await recordRefused(ports, id, refusal)
        } finally {
          // Also when the ledger cannot be written.
          await Promise.all(endAll(id, refusal))
        }
      }
    },
  }
}

async function verdict({ installations, waiving }: AdmissionPorts, id: string): Promise<Verdict | undefined> {
  if (!installations.ids().includes(id)) return undefined
  try {
    const { plugin, findings, byOperator } = await installations.verify(id)
    const judged = findings.map((finding) => ({ finding, override: waiving(id, plugin.manifestDigest, finding.code) }))
    return {
      plugin,
      byOperator,
      refusals: judged.flatMap(({ finding, override }) => (override === undefined ? [finding] : [])),
      waived: judged.flatMap(({ finding, override }) => (override === undefined ? [] : [{ finding, override }])),
    }
  } catch (thrown) {
    if (thrown instanceof TenonError) return { plugin: undefined, refusals: [thrown], waived: [] }
    throw thrown
  }
}

async function admitted(ports: AdmissionPorts, id: string): Promise<Admitted> {
  const judged = (await verdict(ports, id)) ?? unknown(id)
  const [refusal] = judged.refusals
  if (refusal !== undefined) {
    await recordRefused(ports, id, refusal)
    throw refusal
  }
  assert(judged.plugin !== undefined, 'what cannot be read is refused')
  const { plugin, waived, byOperator } = judged
  for (const one of waived) await recordUse(ports, one)
  return { plugin, vouched: byOperator && waived.length === 0 }
}

function unknown(id: string): never {
  throw new TenonError('PLUGIN_UNKNOWN', `"${id}" is not installed`)
}

/** Each use of an override is on disk before anything runs by it. */
const recordUse = ({ audit, world }: AdmissionPorts, { finding, override }: Waived): Promise<void> =>
  audit.record({
    ...{ actor: 'host', action: 'override.use', target: override.plugin, decision: 'allow' },
    ...{ reason: `${finding.code}: ${override.why}`, traceId: world.newId() },
    details: { override: override.id, digest: override.digest, finding: override.finding },
  })

const recordRefused = ({ audit, world }: AdmissionPorts, id: string, { code, message, problems }: TenonError) =>
  audit.record({
    ...{ actor: 'host', action: 'plugin.refused', target: id, decision: 'deny' },
    ...{ reason: `${code}: ${message.slice(0, REASON_LENGTH_MAX)}`, traceId: world.newId() },
    details: { files: problems.flatMap(({ file }) => file ?? []) },
  })

/** Names of files are for whoever changed them to choose. */
const REASON_LENGTH_MAX = 512
