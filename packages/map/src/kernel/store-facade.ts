/** Where a value lies: with a node, or, without a path, with the whole map. */
type Place = { nodePath?: string }
type Entry = { key: string; value: unknown; nodePath: string | null; updatedAt: number }

/** The keys of a plugin, as its extractors see them. */
export type KeyFacade = {
  get(key: string, place?: Place): Promise<unknown>
  set(key: string, value: unknown, place?: Place): Promise<void>
  delete(key: string, place?: Place): Promise<boolean>
  list(asked?: Place & { prefix?: string }): Promise<Entry[]>
}

type Sql = {
  all(sql: string, ...params: unknown[]): Promise<object[]>
  get(sql: string, ...params: unknown[]): Promise<object | undefined>
  run(sql: string, ...params: unknown[]): Promise<number>
}

/** The tables of a plugin, as its extractors see them. Only JSON crosses: bytes are read as base64. */
export type TableFacade = {
  readonly db: Sql & { transaction<T>(work: (db: Sql) => Promise<T>): Promise<T> }
  write(table: string, row: object): Promise<void>
}

export type PluginStore = KeyFacade | TableFacade

export type StoreMode = 'kv' | 'dedicated'
export type StoreAnswer =
  | { value: unknown; error?: never }
  | { value?: never; error: { name: string; message: string } }

/** Reaches the store of a plugin, wherever its code runs. What is refused is an answer, so that its name is not lost. */
export type StoreCall = (method: string, args: unknown[]) => Promise<StoreAnswer>

/** The store that an extractor is given. Like everything beside it, it may run in a process of its own, so it imports nothing. */
export function storeFacade(mode: StoreMode, call: StoreCall): PluginStore {
  const ask = async (method: string, ...args: unknown[]): Promise<never> => {
    const { value = null, error } = await call(method, args)
    if (error !== undefined) throw Object.assign(new Error(error.message), { name: error.name })
    return value as never
  }
  return mode === 'kv' ? keyFacade(ask) : tableFacade(ask)
}

type Ask = (method: string, ...args: unknown[]) => Promise<never>

const keyFacade = (ask: Ask): KeyFacade => ({
  get: (key, place = {}) => ask('get', key, place),
  set: (key, value, place = {}) => ask('set', key, value, place),
  delete: (key, place = {}) => ask('delete', key, place),
  list: (asked = {}) => ask('list', asked),
})

function tableFacade(ask: Ask): TableFacade {
  /** Within a transaction, or, with `null`, outside of any. */
  const sql = (within: unknown): Sql => ({
    all: (text, ...params) => ask('all', within, text, params),
    get: async (text, ...params) => ((await ask('all', within, text, params)) as object[])[0],
    run: (text, ...params) => ask('run', within, text, params),
  })
  const transaction = async <T>(work: (db: Sql) => Promise<T>): Promise<T> => {
    const within: unknown = await ask('begin')
    let result: T
    try {
      result = await work(sql(within))
    } catch (thrown) {
      await ask('rollback', within)
      throw thrown
    }
    await ask('commit', within)
    return result
  }
  return { db: { ...sql(null), transaction }, write: (table, row) => ask('write', table, row) }
}
