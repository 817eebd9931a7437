import {
  parseCapability,
  TenonError,
  type Capability,
  type Json,
  type JsonObject,
  type KvTransaction,
} from '@tenon/contract'
import { kvTransactionSchema, validatorOf } from '@tenon/contract/schema'
import type { KeyValue } from '@tenon/storage'
import { text } from './channel-params.ts'

/** One thing that a plugin does with keys and values. Of another plugin's it needs a grant to read or to write them. */
export type KeyValueWork = { access: 'read' | 'write'; run(kv: KeyValue, params: JsonObject): Promise<Json> }

const reading = (run: KeyValueWork['run']): KeyValueWork => ({ access: 'read', run })
const writing = (run: KeyValueWork['run']): KeyValueWork => ({ access: 'write', run })

const works: ReadonlyMap<string, KeyValueWork> = new Map([
  [
    'get',
    reading(async (kv, params) => {
      const value = await kv.get(text(params, 'key'))
      return value === undefined ? {} : { value }
    }),
  ],
  ['list', reading(async (kv, params) => ({ keys: await kv.list(listRange(params)) }))],
  [
    'set',
    writing(async (kv, params) => {
      await kv.set(text(params, 'key'), params['value'] ?? null, lifetimeIn(params))
      return null
    }),
  ],
  [
    'delete',
    writing(async (kv, params) => {
      await kv.delete(text(params, 'key'))
      return null
    }),
  ],
  [
    'compareAndSet',
    writing(async (kv, params) => kv.compareAndSet(text(params, 'key'), params['expected'], params['next'])),
  ],
  ['transaction', writing(async (kv, params) => kv.apply(transactionIn(params)))],
])

/** All of them, by the methods with which a plugin asks them of its own keys. */
export const keyValueMethods = <Method>(into: (work: KeyValueWork) => Method): Record<string, Method> =>
  Object.fromEntries([...works].map(([name, work]) => [`kv.${name}`, into(work)]))

export type WorkOnAnother = { owner: string; capability: Capability; run(kv: KeyValue): Promise<Json> }

/** What a plugin asks of the keys of another, and what it needs for that. */
export function workOnAnother({ plugin = null, work = null, ...params }: JsonObject): WorkOnAnother {
  const owner = text({ plugin }, 'plugin')
  const name = text({ work }, 'work')
  const wanted = works.get(name)
  if (wanted === undefined) throw new TenonError('PROTOCOL_VIOLATION', `there is no work "${name}" on keys`)
  const capability = parseCapability(`storage:kv:${wanted.access}:${owner}`)
  return { owner, capability, run: (kv) => wanted.run(kv, params) }
}

function lifetimeIn({ ttlMs }: JsonObject): { ttlMs?: number } {
  if (ttlMs === undefined) return {}
  if (typeof ttlMs === 'number') return { ttlMs }
  throw new TenonError('PROTOCOL_VIOLATION', 'the parameter "ttlMs" must be a number')
}

const transactions = validatorOf(kvTransactionSchema)

function transactionIn(params: JsonObject): KvTransaction {
  if (transactions.is(params)) return params
  const problems = transactions.problems(params)
  const [{ pointer, message } = { pointer: '', message: 'is invalid' }] = problems
  throw new TenonError('PROTOCOL_VIOLATION', `the transaction is malformed at "${pointer}": ${message}`, { problems })
}

const listRange = (params: JsonObject): { prefix?: string; limit?: number; after?: string } => ({
  ...(typeof params['prefix'] === 'string' ? { prefix: params['prefix'] } : {}),
  ...(typeof params['limit'] === 'number' ? { limit: params['limit'] } : {}),
  ...(typeof params['after'] === 'string' ? { after: params['after'] } : {}),
})
