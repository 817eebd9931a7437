import type { KeyObject } from 'node:crypto'
import {
  digestBytes,
  digestJson,
  openBundle,
  readArchive,
  refuseForeignStatement,
  uncertified,
  verifyEnvelope,
  type Bundle,
} from '@tenon/bundle'
import {
  decodeUtf8,
  parseJson,
  prettyJson,
  readJson,
  TenonError,
  type Certification,
  type Digest,
  type Problem,
  type Statement,
} from '@tenon/contract'
import { certificationReportSchema, readAs, validatorOf } from '@tenon/contract/schema'
import { cardProofFaults } from '@tenon/ledger'

/** What a person has of a certified plugin, as bytes. `reportFile` and the others are what to call them in problems. */
export type CertifiedFiles = Record<'archive' | 'envelope', NamedBytes> & { report: NamedBytes | undefined }
export type NamedBytes = { file: string; bytes: Uint8Array }

/** Under what a verification is done. */
export type VerifiedBy = {
  keyOf(keyId: Digest, publisher: string | undefined): KeyObject | undefined
  /** The levels that a certification may have been run at; without, any. */
  levels: readonly string[] | undefined
  acceptInconclusive: boolean
}

/**
 * What was found of a certified plugin. `integrity` are reasons why it is not what somebody signed, `gates` reasons why what
 * they signed is no certification.
 */
export type Verification = {
  bundle: Bundle | undefined
  statement: Statement | undefined
  keyId: Digest | undefined
  integrity: Problem[]
  gates: Problem[]
}

const reports = validatorOf(certificationReportSchema)

/** Checks everything that can be checked without asking anybody, and tells every problem. */
export async function verifyCertified(
  { archive, envelope, report }: CertifiedFiles,
  { keyOf, levels, acceptInconclusive }: VerifiedBy,
): Promise<Verification> {
  const integrity: Problem[] = []
  const bundle = await told(integrity, archive.file, async () => openBundle(await readArchive(archive.bytes)))
  const publisher = bundle?.manifest.publisher
  const signed = await told(integrity, envelope.file, async () =>
    verifyEnvelope(writtenEnvelope(envelope), (keyId) => keyOf(keyId, publisher)),
  )
  const statement = signed?.statement
  if (bundle !== undefined && statement !== undefined)
    await told(integrity, envelope.file, async () => refuseForeignStatement(statement, bundle))
  const predicate = statement?.predicate
  if (predicate === undefined) return { bundle, statement, keyId: undefined, integrity, gates: [] }
  const gates = uncertified(predicate, { inconclusive: acceptInconclusive })
  if ('level' in predicate) {
    integrity.push(...foreignParts(predicate, bundle, archive))
    integrity.push(...(report === undefined ? [] : reportProblems(predicate, report)))
    if (levels !== undefined && !levels.includes(predicate.level)) gates.push(otherLevel(predicate.level, levels))
  }
  const at = (problem: Problem): Problem => ({ file: envelope.file, ...problem })
  return { bundle, statement, keyId: signed?.keyId, integrity, gates: gates.map(at) }
}

/** What something gives, or that it fails with, as a problem of a file. */
async function told<T>(problems: Problem[], file: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (thrown) {
    if (!(thrown instanceof TenonError)) throw thrown
    const { code, message, hint, problems: inner } = thrown
    const own: Problem = { pointer: '', file, code, message, ...(hint === undefined ? {} : { hint }) }
    problems.push(own, ...inner.map((one) => ({ ...one, file, message: `${one.file ?? one.pointer} ${one.message}` })))
    return undefined
  }
}

/** The envelope, if it is to the byte as envelopes are written: nothing may be changed in it that a signature does not tell. */
function writtenEnvelope({ file, bytes }: NamedBytes): unknown {
  const value = parseJson(decodeUtf8(bytes, file), file)
  const texts = /"(?:payload|sig)": "([^"]*)"/g
  const text = prettyJson(value)
  const isOneForm = [...text.matchAll(texts)].every(
    ([, base64 = '']) => Buffer.from(base64, 'base64').toString('base64') === base64,
  )
  if (isOneForm && Buffer.compare(Buffer.from(text), bytes) === 0) return value
  throw new TenonError('BUNDLE_SIGNATURE_INVALID', `${file} is not in the form in which envelopes are written`)
}

function foreignParts(predicate: Certification, bundle: Bundle | undefined, archive: NamedBytes): Problem[] {
  const digest = digestBytes(archive.bytes)
  const problems: Problem[] =
    digest === predicate.archive
      ? []
      : [other(archive.file, 'BUNDLE_DIGEST_MISMATCH', `has the digest ${digest}, certified was ${predicate.archive}`)]
  if (bundle === undefined) return problems
  const policy = policyOf(bundle)
  if (policy !== predicate.policy) {
    const message = `holds the policy snapshot ${policy ?? 'none'}, certified was under ${predicate.policy ?? 'none'}`
    problems.push(other(archive.file, 'BUNDLE_CONTENT_MISMATCH', message))
  }
  const faults = predicate.ledger === null ? [] : cardFaults(predicate.ledger, bundle.spec.uid)
  return [...problems, ...faults.map((why) => other(archive.file, 'LEDGER_BROKEN', `the proof of its card: ${why}`))]
}

const cardFaults = (proof: NonNullable<Certification['ledger']>, uid: string | undefined): string[] => [
  ...(proof.card === uid ? [] : [`it is about the card ${proof.card}, and the bundle's is ${uid ?? 'none'}`]),
  ...cardProofFaults(proof),
]

function policyOf({ files }: Bundle): Digest | null {
  const bytes = files.find(({ path }) => path === 'policy_snapshot.json')?.bytes
  const { value } = readJson(Buffer.from(bytes ?? []).toString())
  return value === undefined ? null : digestJson(value)
}

function reportProblems(predicate: Certification, { file, bytes }: NamedBytes): Problem[] {
  const digest = digestBytes(bytes)
  if (digest !== predicate.report)
    return [other(file, 'BUNDLE_DIGEST_MISMATCH', `has the digest ${digest}, certified was ${predicate.report}`)]
  return readAs(decodeUtf8(bytes, file), reports).problems.map((problem) => ({ ...problem, file }))
}

const other = (file: string, code: string, message: string): Problem => ({ pointer: '', file, code, message })

const otherLevel = (level: string, levels: readonly string[]): Problem => ({
  ...{
    pointer: '',
    code: 'ATTESTATION_MISSING',
    message: `it was run at level ${level}, asked for is ${levels.join(', ')}`,
  },
  hint: 'Certify it again on a machine that offers such a level.',
})
