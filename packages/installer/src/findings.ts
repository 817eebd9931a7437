import { isCertified, uncertified, type Attestation } from '@tenon/bundle'
import {
  bundleRevocation,
  keyRevocation,
  limits,
  TenonError,
  type Finding,
  type Manifest,
  type Revocation,
} from '@tenon/contract'
import type { Heard } from './heard-revocations.ts'

/** A bundle that is what was signed. */
export type Subject = {
  manifest: Pick<Manifest, 'id' | 'version' | 'publisher'>
  manifestDigest: string
  signer: string
  attestation: Attestation
}

/** Everything that speaks against using a bundle. */
export const findingsOf = (
  subject: Subject,
  revocations: readonly Revocation[],
  mustBeCertified = false,
): TenonError[] => [
  ...revoked(subject, revocations),
  ...unattested(subject),
  ...(mustBeCertified && isCertified(subject.attestation) ? notCertified(subject) : []),
]

/** That nothing attests what an operator demands here: that every gate of certification passed. */
export function notCertified({ manifest, attestation }: Pick<Subject, 'manifest' | 'attestation'>): TenonError[] {
  const problems = uncertified(attestation)
  if (problems.length === 0) return []
  const message = `"${manifest.id}" is not certified, as is required here: ${problems[0]?.message}`
  const hint = 'Ask its publisher for a version that "tenon plugin certify" has passed.'
  return [new TenonError('ATTESTATION_MISSING', message, { problems, hint })]
}

const finding = (code: Finding, message: string, hint: string): TenonError => new TenonError(code, message, { hint })

function revoked({ manifest, manifestDigest, signer }: Subject, revocations: readonly Revocation[]): TenonError[] {
  const name = `${manifest.id}@${manifest.version}`
  const bundle = bundleRevocation(revocations, manifestDigest)
  const key = keyRevocation(revocations, signer, manifest.publisher)
  const found: TenonError[] = []
  if (bundle !== undefined)
    found.push(
      finding('BUNDLE_REVOKED', `${name} was revoked at ${bundle.at}: ${bundle.why}`, 'Install another version.'),
    )
  if (key !== undefined)
    found.push(
      finding(
        'KEY_REVOKED',
        `${name} is signed by ${signer}, revoked at ${key.at}: ${key.why}`,
        'Install a version that another key signed.',
      ),
    )
  return found
}

function unattested({ attestation, manifest }: Subject): TenonError[] {
  if (isCertified(attestation)) return []
  const found = attestation.gates.filter(({ problems }) => problems > 0).map(({ gate }) => gate)
  const why = found.length === 0 ? 'names no gate of certification' : `says that ${found.join(', ')} found problems`
  return [
    finding(
      'ATTESTATION_MISSING',
      `what the signer of "${manifest.id}" attests ${why}`,
      'Ask its publisher for a version that "tenon plugin publish" has checked.',
    ),
  ]
}

/** That a registry may have revoked something which nobody here can have heard of. */
export function staleness(registry: string | undefined, heard: Heard | undefined, now: number): TenonError[] {
  if (heard !== undefined && now - heard.askedAt <= limits.revocationAgeMs) return []
  const when = heard === undefined ? 'was never asked' : `was last heard at ${new Date(heard.askedAt).toISOString()}`
  return [
    finding(
      'REVOCATIONS_STALE',
      `what ${registry ?? 'its registry'} has revoked ${when}`,
      'Reach the registry, or install again from one that answers.',
    ),
  ]
}
