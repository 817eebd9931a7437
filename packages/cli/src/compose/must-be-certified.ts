import { TenonError, type World } from '@tenon/contract'

const VARIABLE = 'TENON_CERTIFICATION'

/** Whether the operator of this process lets in only what is certified: `required`, or `optional`, which is the default. */
export function mustBeCertified({ env }: World): boolean {
  const value = env[VARIABLE] ?? 'optional'
  if (value === 'required' || value === 'optional') return value === 'required'
  throw new TenonError('USAGE', `${VARIABLE} is "${value}"`, { hint: 'It is "required" or "optional".' })
}
