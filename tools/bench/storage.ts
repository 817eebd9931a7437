import { join } from 'node:path'
import { openGroupWriter } from '@tenon/database'
import { openStorage, sqliteRows, storageMigrations, type KeyValue } from '@tenon/storage'
import { wallWorld } from '@tenon/testkit'
import { bareSqlite, sqliteBeside, type BareSqlite } from './bare-sqlite.ts'
import { interleaved, timed, type Bench, type Subject } from './trials.ts'

let made = 0

/** Another one each time: what is not changed is not written. */
const nextValue = () => ({ text: 'a value of ordinary size', numbers: [1, 2, (made += 1)], nested: { yes: true } })
const nextRow = (name: string) => ({ key: name, value: nextValue() })
const rowsOf = (index: number) => Array.from({ length: 10 }, (_, key) => nextRow(`many-${index}-${key}`))

const OPERATIONS = 200
/** As many as a host may well have. */
const CALLERS = 10

type Operation = {
  ours: (kv: KeyValue, index: number) => Promise<unknown>
  bare: (bare: BareSqlite, index: number) => unknown
}

/** Each trial is the mean of many operations; every change is flushed to the disk. */
const rateOf =
  ({ ours, bare }: Operation, others: (place: Place, count: number) => Promise<Subject[]> = async () => []): Bench =>
  async (folder, { trials, quick }) => {
    const count = quick ? 20 : OPERATIONS
    const place = await openPlace(folder)
    const kv = place.openKv()
    const subjects = [
      rate(`of ${CALLERS} callers`, count, (index) => ours(kv, index), CALLERS),
      rate('bare SQLite', count, (index) => bare(place.bare, index)),
      rate('of one caller, one after the other', count, (index) => ours(kv, index)),
      ...(await others(place, count)),
    ]
    for (let index = 0; index < count; index += 1) {
      const { key, value } = nextRow(`key-${index}`)
      await kv.set(key, value)
      place.bare.set([{ key, value }])
    }
    const measured = await interleaved(subjects, trials)
    await place.close()
    return measured
  }

/** The mean time of one, of as many callers, each of which asks for the next when it has its answer. */
const rate = (name: string, count: number, work: (index: number) => unknown, callers = 1): Subject => ({
  name,
  trial: async () => ({ ms: (await timed(() => byCallers(callers, count, work))()).ms / count }),
})

async function byCallers(callers: number, count: number, work: (index: number) => unknown): Promise<void> {
  let next = 0
  const caller = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: callers }, caller))
}

type Place = {
  bare: BareSqlite
  folder: string
  openKv: () => KeyValue
  onClose: (() => unknown)[]
  close: () => unknown
}

async function openPlace(folder: string): Promise<Place> {
  const world = wallWorld()
  const writer = await openGroupWriter(join(folder, 'storage.db'), { migrations: storageMigrations, world })
  const masterKeys = { current: new Uint8Array(32).fill(1), former: [] }
  const bare = bareSqlite(join(folder, 'bare.db'))
  const onClose: (() => unknown)[] = [() => bare.close(), () => writer.close()]
  return {
    ...{ bare, folder, onClose },
    openKv() {
      const storage = openStorage({ store: sqliteRows(writer), world, masterKeys })
      onClose.unshift(() => storage.close())
      return storage.kv('bench', { quotaBytes: 64 * 1_048_576 })
    },
    async close() {
      for (const step of onClose) await step()
    },
  }
}

export const keyValueSet = rateOf(
  {
    ours: (kv, index) => kv.set(`key-${index}`, nextValue()),
    bare: (bare, index) => bare.set([nextRow(`key-${index}`)]),
  },
  async ({ folder, onClose }, count) => {
    const beside = sqliteBeside(join(folder, 'beside.db'))
    onClose.push(() => beside.close())
    return [rate('bare SQLite in a thread', count, (index) => beside.set(nextRow(`key-${index}`)))]
  },
)

export const keyValueGet = rateOf(
  { ours: (kv, index) => kv.get(`key-${index}`), bare: (bare, index) => bare.get(`key-${index}`) },
  async ({ openKv }, count) => [
    {
      name: 'for the first time since the host started',
      trial: () => {
        const kv = openKv()
        return rate('', count, (index) => kv.get(`key-${index}`)).trial()
      },
    },
  ],
)

export const keyValueTransaction = rateOf({
  ours: (kv, index) => kv.apply({ changes: rowsOf(index).map(({ key, value }) => ({ set: key, value })) }),
  bare: (bare, index) => bare.set(rowsOf(index)),
})
