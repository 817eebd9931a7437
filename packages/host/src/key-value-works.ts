import { TenonError, type Json, type JsonObject, type KvTransaction } from '@tenon/contract'
import { kvTransactionSchema, validatorOf } from '@tenon/contract/schema'
import type { KeyValue } from '@tenon/storage'
import { text } from './channel-params.ts'

/** What a plugin asks of its keys and values, by method. */
export const keyValueWorks = (kv: KeyValue): Record<string, (params: JsonObject) => Promise<Json>> => ({
  'kv.get': async (params) => {
    const value = await kv.get(text(params, 'key'))
    return value === undefined ? {} : { value }
  },
  'kv.set': async (params) => {
    await kv.set(text(params, 'key'), params['value'] ?? null, lifetimeIn(params))
    return null
  },
  'kv.delete': async (params) => {
    await kv.delete(text(params, 'key'))
    return null
  },
  'kv.list': async (params) => ({ keys: await kv.list(listRange(params)) }),
  'kv.compareAndSet': async (params) => kv.compareAndSet(text(params, 'key'), params['expected'], params['next']),
  'kv.transaction': async (params) => kv.apply(transactionIn(params)),
})

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
