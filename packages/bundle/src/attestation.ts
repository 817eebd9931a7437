import { CERTIFICATION_GATES, type Problem, type Statement } from '@tenon/contract'

/** What a signed statement says that was checked, and how many problems each gate found. */
export type Attestation = Statement['predicate']

/** Whether somebody looked at the plugin at all, and no gate found anything. */
export const isCertified = ({ gates }: Attestation): boolean =>
  gates.length > 0 && gates.every(({ problems }) => problems === 0)

/**
 * Why a statement certifies nothing: it says of no gate what certification has to say, or a gate did not pass or looked at nothing. With
 * `accepted`, gates that could not tell count as passed.
 */
export function uncertified(attestation: Attestation, accepted: { inconclusive?: boolean } = {}): Problem[] {
  if (!('level' in attestation))
    return [unattested('it says that the plugin was validated, and not that it was certified')]
  const { gates } = attestation
  const missing = CERTIFICATION_GATES.filter((name) => !gates.some(({ gate }) => gate === name))
  return [
    ...missing.map((name) => unattested(`it does not tell of the gate "${name}"`)),
    ...gates.flatMap(({ gate, verdict, checked, problems, idle }) => {
      const isPassed = verdict === 'pass' || (verdict === 'inconclusive' && accepted.inconclusive === true)
      if (!isPassed || problems > 0)
        return [unattested(`the gate "${gate}" says ${verdict}, with ${problems} problem(s)`)]
      return checked > 0 || idle !== undefined ? [] : [unattested(`the gate "${gate}" looked at nothing`)]
    }),
  ]
}

const unattested = (message: string): Problem => ({
  ...{ pointer: '', code: 'ATTESTATION_MISSING', message },
  hint: 'Ask its publisher for a version that "tenon plugin certify" has passed.',
})
