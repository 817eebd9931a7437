import { defined, type PluginSpec, type Problem } from '@tenon/contract'
import { unlessNone, type Checked, type Subject } from './gate.ts'
import type { Policies } from '../policy/policies.ts'
import { policySources, waiverFaults } from '../policy/policy-outcome.ts'
import { EXPIRED, WAIVER, type Waiver } from '../policy/waiver.ts'

/** Every waiver for a plugin loosens what may be loosened, was approved by somebody else, and has not expired. */
export function checkWaivers({ spec, policies, at }: Subject): Checked {
  const own = policies.waivers.filter(({ plugin }) => plugin === spec.id)
  return unlessNone('nothing is waived for it', {
    checked: own.length,
    problems: own.flatMap((waiver) => waiverProblems(policies, spec, waiver, at)),
  })
}

/** What is wrong with a waiver for a plugin at a moment, in ms since the epoch. */
export function waiverProblems(policies: Policies, spec: PluginSpec, waiver: Waiver, at: number): Problem[] {
  const { file, lines, expires } = waiver
  const expired = isOver(expires, at)
    ? [
        {
          pointer: '',
          code: EXPIRED,
          file,
          line: lines.expires,
          message: `was for ${waiver.key} of ${spec.id} until ${expires}`,
          hint: 'Keep to the policy and take the waiver away, or have a later day approved.',
        },
      ]
    : []
  return [...faultProblems(policies, spec, waiver), ...expired]
}

function faultProblems({ packs }: Policies, spec: PluginSpec, waiver: Waiver): Problem[] {
  const { key, file, lines } = waiver
  return waiverFaults(spec, policySources(packs, spec, key), key, waiver).map(({ of, message, hint }) =>
    defined({ pointer: '', code: WAIVER, file, line: lines[of], message, hint }),
  )
}

const DAY_MS = 24 * 3_600_000

/** A waiver holds on its last day, to the end. */
const isOver = (lastDay: string, at: number): boolean => at >= Date.parse(`${lastDay}T00:00:00Z`) + DAY_MS
