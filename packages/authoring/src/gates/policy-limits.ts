import type { Problem } from '@tenon/contract'
import type { PolicyKey, PolicyValue } from '@tenon/contract/schema'
import { unlessNone, type Checked, type Subject } from './gate.ts'
import { POLICY_CHECKS, type Breach } from './policy-checks.ts'
import { specProblem } from '../folder/spec-problem.ts'
import type { PolicyOutcome } from '../policy/policy-outcome.ts'
import { policySnapshot, type PolicySnapshot } from '../policy/policy-snapshot.ts'

/** What the gate says of one key. */
export type KeyFinding = Checked & { key: PolicyKey }

/** What a plugin promises, asks for and holds is within what its policies allow. */
export function checkPolicyLimits(subject: Subject): Checked {
  const findings = keyFindings(subject)
  return unlessNone('it has nothing that policy limits', {
    checked: findings.reduce((sum, { checked }) => sum + checked, 0),
    problems: findings.flatMap(({ problems }) => problems),
  })
}

/** The same, key by key. */
export function keyFindings(subject: Subject): KeyFinding[] {
  const { values } = policySnapshot(subject.policies, subject.spec)
  return keys.flatMap((key) => findingOf(subject, key, values[key]))
}

type Checkable = keyof typeof POLICY_CHECKS

const keys = Object.keys(POLICY_CHECKS) as Checkable[]

function findingOf<Key extends Checkable>(
  subject: Subject,
  key: Key,
  outcome: PolicySnapshot['values'][Key],
): KeyFinding[] {
  if (outcome === undefined) return []
  const { checked, breaches } = POLICY_CHECKS[key](subject, outcome.value)
  return [
    { key, checked, problems: breaches.map((breach) => problemOf(subject, breach, toldBy(key, outcome, breach))) },
  ]
}

function problemOf({ folder }: Subject, breach: Breach, hint: string): Problem {
  const code = 'POLICY_LIMIT'
  if ('at' in breach) return specProblem(folder, breach.at, code, breach.message, hint)
  return { pointer: '', file: breach.file, code, message: breach.message, hint }
}

/** Who sets what was broken, in a sentence for each. */
function toldBy(key: PolicyKey, { winners, waiver }: PolicyOutcome, { item }: Breach): string {
  const telling = winners.filter(({ value }) => item === undefined || holdsItem(value, item))
  const rules = telling.map(({ pack, rule, reason }) => `The rule "${rule}" of ${pack} sets ${key}: ${reason}`)
  return [...rules, ...(waiver === undefined ? [] : [`${waiver.file} waives it: ${waiver.reason}`])].join(' ')
}

const holdsItem = (value: PolicyValue, item: string): boolean => Array.isArray(value) && value.includes(item)
