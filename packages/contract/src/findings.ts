import type { ErrorCode } from './errors.ts'

/**
 * What may speak against a bundle that is, byte for byte, what was signed and installed. An operator may know better of
 * any of these; nobody does of a bundle that was changed.
 */
export const FINDINGS = [
  'ATTESTATION_MISSING',
  'BUNDLE_REVOKED',
  'KEY_REVOKED',
  'REVOCATIONS_STALE',
] as const satisfies readonly ErrorCode[]

export type Finding = (typeof FINDINGS)[number]

export const isFinding = (code: string): code is Finding => FINDINGS.some((one) => one === code)
