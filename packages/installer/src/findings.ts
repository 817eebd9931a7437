import { isCertified, type Attestation } from '@tenon/bundle'
import {
  bundleRevocation,
  keyRevocation,
  limits,
  TenonError,
  type ErrorCode,
  type Manifest,
  type Revocation,
} from '@tenon/contract'
import type { Heard } from './heard-revocations.ts'

/** What may speak against a bundle that is what was signed; an operator may know better of any of these. */
export const FINDINGS = [
  'ATTESTATION_MISSING',
  'BUNDLE_REVOKED',
  'KEY_REVOKED',
  'REVOCATIONS_STALE',
] as const satisfies readonly ErrorCode[]

export type Subject = {
  manifest: Pick<Manifest, 'id' | 'version' | 'publisher'>
  manifestDigest: string
  signer: string
  attestation: Attestation
}

/** Everything that speaks against using a bundle. */
export const findingsOf = (subject: Subject, revocations: readonly Revocation[]): TenonError[] => [
  ...revoked(subject, revocations),
  ...uncertified(subject),
]

function revoked({ manifest, manifestDigest, signer }: Subject, revocations: readonly Revocation[]): TenonError[] {
  const name = `${manifest.id}@${manifest.version}`
  const bundle = bundleRevocation(revocations, manifestDigest)
  const key = keyRevocation(revocations, signer, manifest.publisher)
  const hint = 'Install another version; one that a good key signed.'
  return [
    ...(bundle === undefined
      ? []
      : [new TenonError('BUNDLE_REVOKED', `${name} was revoked at ${bundle.at}: ${bundle.why}`, { hint })]),
    ...(key === undefined
      ? []
      : [new TenonError('KEY_REVOKED', `${name} is signed by ${signer}, revoked at ${key.at}: ${key.why}`, { hint })]),
  ]
}

function uncertified({ attestation, manifest }: Subject): TenonError[] {
  if (isCertified(attestation)) return []
  const found = attestation.gates.filter(({ problems }) => problems > 0).map(({ gate }) => gate)
  const why = found.length === 0 ? 'names no gate of certification' : `says that ${found.join(', ')} found problems`
  return [
    new TenonError('ATTESTATION_MISSING', `what the signer of "${manifest.id}" attests ${why}`, {
      hint: 'Ask its publisher for a version that "tenon plugin publish" has checked.',
    }),
  ]
}

/** That a registry may have revoked something which nobody here can have heard of. */
export function staleness(registry: string | undefined, heard: Heard | undefined, now: number): TenonError[] {
  if (heard !== undefined && now - heard.askedAt <= limits.revocationAgeMs) return []
  const when = heard === undefined ? 'was never asked' : `was last heard at ${new Date(heard.askedAt).toISOString()}`
  return [
    new TenonError('REVOCATIONS_STALE', `what ${registry ?? 'its registry'} has revoked ${when}`, {
      hint: 'Reach the registry, or install again from one that answers.',
    }),
  ]
}
