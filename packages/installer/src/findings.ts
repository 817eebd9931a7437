import { isCertified } from '@tenon/bundle'
import { TenonError } from '@tenon/contract'
import type { InstalledBundle } from './installed-bundle.ts'

/** What speaks against using a bundle that is what was signed; an operator may know better. */
export const findingsOf = (bundle: InstalledBundle): TenonError[] => uncertified(bundle)

function uncertified({ attestation, stored }: InstalledBundle): TenonError[] {
  if (isCertified(attestation)) return []
  const found = attestation.gates.filter(({ problems }) => problems > 0).map(({ gate }) => gate)
  const why = found.length === 0 ? 'names no gate of certification' : `says that ${found.join(', ')} found problems`
  return [
    new TenonError('ATTESTATION_MISSING', `what the signer of "${stored.bundle.manifest.id}" attests ${why}`, {
      hint: 'Ask its publisher for a version that "tenon plugin publish" has checked.',
    }),
  ]
}
