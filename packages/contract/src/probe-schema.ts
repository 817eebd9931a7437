import { Type, type Static } from 'typebox'
import { closed } from './closed.ts'
import { OPERATION_PATTERN } from './identity.ts'

const path = Type.String({ minLength: 1 })

/** A probe as it stands in a block of `healthcheck.md`. `request` and `expect` are files of the plugin. */
export const probeSchema = closed({
  id: Type.String({ pattern: OPERATION_PATTERN }),
  kind: Type.Enum(['op', 'http', 'import', 'ledger', 'exec']),
  target: Type.String({ minLength: 1, maxLength: 512 }),
  request: Type.Optional(path),
  expect: Type.Optional(path),
  timeout_ms: Type.Integer({ minimum: 1 }),
  fail_after: Type.Integer({ minimum: 1, maximum: 100 }),
})

export type Probe = Static<typeof probeSchema>
