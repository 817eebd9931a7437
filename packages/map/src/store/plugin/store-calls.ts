import { messageOf, type Json } from '@tenon/contract'
import type { SqlValue } from '@tenon/database'
import type { StoreCall } from '../../kernel/store-facade.ts'
import type { DedicatedStore, ScopedDatabase } from './dedicated-store.ts'
import type { KvPlace, KvStore } from './kv-store.ts'
import { storageError } from './storage-error.ts'

type Methods = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>

/** Answers what extractors ask of the keys of their plugin. */
export const kvCalls = (store: KvStore): StoreCall =>
  answering({
    get: (key: string, place: KvPlace) => store.get(key, place),
    set: (key: string, value: Json, place: KvPlace) => store.set(key, value, place),
    delete: (key: string, place: KvPlace) => store.delete(key, place),
    list: (asked: KvPlace & { prefix?: string }) => store.list(asked),
  })

/** Answers what extractors ask of the tables of their plugin. */
export function tableCalls({ db, write }: DedicatedStore): StoreCall {
  let open: Opened | undefined
  let count = 0
  /** Within the transaction of this number, or outside of any. */
  const within = (number: number | null): ScopedDatabase => {
    if (number === null) return db
    if (open?.number !== number) throw storageError('ScopedDbViolationError', 'the transaction has ended')
    return open.db
  }
  const end = async (number: number, how: 'resolve' | 'reject'): Promise<void> => {
    within(number)
    const ending = open
    open = undefined
    ending?.[how]()
    await ending?.done
  }
  return answering({
    all: async (number: number | null, sql: string, params: SqlValue[]) =>
      (await within(number).all(sql, ...params)).map(asJson),
    run: async (number: number | null, sql: string, params: SqlValue[]) => within(number).run(sql, ...params),
    write,
    begin: async () => {
      count += 1
      open = await openTransaction(db, count)
      return count
    },
    commit: (number: number) => end(number, 'resolve'),
    rollback: (number: number) => end(number, 'reject'),
  })
}

type Opened = { number: number; db: ScopedDatabase; resolve(): void; reject(): void; done: Promise<void> }

/** A transaction that goes on until it is told otherwise. */
async function openTransaction({ transaction }: DedicatedStore['db'], number: number): Promise<Opened> {
  const begun = Promise.withResolvers<ScopedDatabase>()
  const ended = Promise.withResolvers<boolean>()
  const undone = new Error('undone')
  const done = transaction(async (db) => {
    begun.resolve(db)
    if (!(await ended.promise)) throw undone
  }).catch((thrown: unknown) => {
    if (thrown !== undone) throw thrown
  })
  const db = await Promise.race([begun.promise, done.then(() => begun.promise)])
  return { number, db, done, resolve: () => ended.resolve(true), reject: () => ended.resolve(false) }
}

const answering =
  (methods: Methods): StoreCall =>
  async (method, args) => {
    try {
      const perform = Object.hasOwn(methods, method) ? methods[method] : undefined
      if (perform === undefined) throw storageError('ScopedDbViolationError', `a store has no ${method}`)
      return { value: (await perform(...(args as never[]))) ?? null }
    } catch (thrown) {
      return { error: { name: thrown instanceof Error ? thrown.name : 'Error', message: messageOf(thrown) } }
    }
  }

const asJson = (row: Record<string, SqlValue>): Record<string, Json> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, jsonOf(value)]))

function jsonOf(value: SqlValue): Json {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return typeof value === 'bigint' ? Number(value) : value
}
