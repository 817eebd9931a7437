import Type, { type Static } from 'typebox'
import { closed } from './closed.ts'
import type { Json } from './json-text.ts'
import { limits } from './limits.ts'

const json = Type.Unsafe<Json>(Type.Unknown())

const condition = Type.Union([
  closed({ key: Type.String(), is: json }),
  closed({ key: Type.String(), absent: Type.Literal(true) }),
])

const change = Type.Union([
  closed({ set: Type.String(), value: json, ttlMs: Type.Optional(Type.Number()) }),
  closed({ delete: Type.String() }),
])

/** Changes of keys and values that are made together, in order, when every condition holds, or not at all. */
export const kvTransactionSchema = closed({
  when: Type.Optional(Type.Array(condition, { maxItems: limits.kvTransactionMax })),
  changes: Type.Array(change, { maxItems: limits.kvTransactionMax }),
})

export type KvTransaction = Static<typeof kvTransactionSchema>
