import { digestBytes, digestJson, signStatement, type SigningKey } from '@tenon/bundle'
import {
  digestHex,
  prettyJson,
  type Certification,
  type CertificationReport,
  type Envelope,
  type Statement,
} from '@tenon/contract'
import { worst, type TestOutcome, type Verdict } from '../conformance/gate.ts'
import type { GateReport } from '../gates/validate.ts'
import type { BuiltPlugin } from '../pack/pack.ts'

/** One gate of a certification. `ms` is undefined for what takes no time of its own. */
export type CertifiedGate = TestOutcome & { gate: string; idle?: string | undefined; ms?: number }

/** What a report says beside its gates. */
export type Circumstances = Pick<Certification, 'plugin' | 'version' | 'policy' | 'toolchain' | 'level' | 'ledger'> & {
  run: CertificationReport['measured']['run']
}

/** What validation found, as gates of a certification. */
export const certifiedGate = ({ gate, checked, problems, idle }: GateReport): CertifiedGate => ({
  ...{ gate, checked, problems, idle, notes: [] },
  verdict: problems.length === 0 ? 'pass' : 'fail',
})

/** The report on a plugin and, if it could be built, its bundle. */
export function reportOf(
  { run, ...circumstances }: Circumstances,
  gates: readonly CertifiedGate[],
  built: BuiltPlugin | undefined,
): CertificationReport {
  return {
    reportVersion: 1,
    ...circumstances,
    manifest: built?.manifestDigest ?? null,
    verdict: certifiedVerdict(worst(gates.map(({ verdict }) => verdict))),
    gates: gates.map(({ gate, verdict, checked, notes, idle = whyIdle(verdict, notes), problems }) => ({
      ...{ gate, verdict: certifiedVerdict(verdict), checked, problems },
      ...(idle === undefined ? {} : { idle }),
    })),
    measured: {
      run,
      gates: Object.fromEntries(
        gates.flatMap(({ gate, ms, notes }) => (ms === undefined ? [] : [[gate, { ms, notes }]])),
      ),
    },
  }
}

/** What a plugin has nothing for stands in nobody's way, and is told with its reason. */
const certifiedVerdict = (verdict: Verdict): CertificationReport['verdict'] => (verdict === 'idle' ? 'pass' : verdict)

const whyIdle = (verdict: Verdict, notes: readonly string[]): string | undefined =>
  verdict === 'idle' ? notes[0] : undefined

/** What is signed of a report: all that it says but its problems and measurements, with the digest of the whole. */
export function certified(built: BuiltPlugin, report: CertificationReport, key: SigningKey): Envelope {
  const { plugin, version, policy, toolchain, level, ledger } = report
  const statement: Statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: `${plugin}@${version}`, digest: { sha256: digestHex(digestJson(built.manifest)) } }],
    predicateType: 'urn:tenon:certification:2',
    predicate: {
      ...{ plugin, version, policy, toolchain, level, ledger },
      gates: report.gates.map(({ problems, ...gate }) => ({ ...gate, problems: problems.length })),
      archive: built.digest,
      report: digestBytes(prettyJson(report)),
    },
  }
  return signStatement(statement, key)
}
