import Type, { type Static } from 'typebox'
import { closed } from './closed.ts'
import { limits } from './limits.ts'

const text = Type.String({ minLength: 1 })

/**
 * `conformance/contract/assertions.yaml`: what somebody vouches for where two versions cannot be compared. `where` is the
 * place that a comparison tells, `from` the older version, `to` the newest one that it holds for.
 */
export const assertionsSchema = Type.Array(
  closed({
    where: Type.String({ pattern: '^/' }),
    from: text,
    to: text,
    reviewer: text,
    reason: text,
    instances: Type.Integer({ minimum: limits.assertionInstancesMin, maximum: limits.assertionInstancesMax }),
  }),
)

export type AssertionsDocument = Static<typeof assertionsSchema>
