import type { Json, World } from '@tenon/contract'
import type { DatabaseReader, GroupWriter } from '@tenon/database'
import { changeSet, parsed, type ChangeSet, type Draft } from './change-set.ts'
import type { Passage } from './passage.ts'
import { rowTable, type KeyRange } from './row-table.ts'
import type { Place } from './stored-row.ts'

/** The rows of one plugin in one space. */
export type Rows = {
  get(key: string): Json | undefined
  /** Keys in the order of their bytes. */
  keys(range: KeyRange): string[]
  bytes(): number
  /**
   * Runs `work` after every earlier change of these rows and settles when its changes are on disk; when it throws, none is
   * made. `work` is synchronous, so changes cannot wait for each other.
   */
  change<T>(work: (draft: Draft) => T): Promise<T>
  /** To be called when the rows on disk are others than those that were written here. */
  forget(): void
}

/** A change that waits for its turn. `attempt` says whether it went well; `settle` tells its caller so. */
type Turn = { attempt(changes: ChangeSet): boolean; settle(): void; fail(reason: unknown): void }

export type RowsPorts = { reader: DatabaseReader; writer: GroupWriter; world: World; passage: Passage }

export function openRows({ reader, writer, world, passage }: RowsPorts, place: Place): Rows {
  const table = rowTable(reader, place)
  let waiting: Turn[] = []
  let isRunning = false
  let storedBytes: number | undefined

  const commit = async (turns: Turn[]): Promise<void> => {
    try {
      const changes = changeSet(table, place, { now: world.now(), storedBytes: (storedBytes ??= table.storedBytes()) })
      const done = turns.filter((turn) => turn.attempt(changes))
      await writer.write(changes.statements())
      storedBytes = changes.bytes()
      for (const turn of done) turn.settle()
    } catch (thrown) {
      for (const turn of turns) turn.fail(thrown)
    }
  }
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const turns = waiting
      waiting = []
      await passage.beside(() => commit(turns))
    }
    isRunning = false
  }
  return {
    get: (key) => parsed(table.text(key, world.now())),
    keys: (range) => table.keys(range, world.now()),
    bytes: () => table.storedBytes() - table.expiredBytes(world.now()),
    forget: () => {
      storedBytes = undefined
    },
    change: <T>(work: (draft: Draft) => T) =>
      new Promise<T>((resolve, reject) => {
        waiting.push(turnOf(work, resolve, reject))
        // Changes that are asked for in one go share a commit.
        if (!isRunning) queueMicrotask(() => void run())
        isRunning = true
      }),
  }
}

function turnOf<T>(work: (draft: Draft) => T, resolve: (result: T) => void, fail: (reason: unknown) => void): Turn {
  let settle = (): void => {}
  return {
    attempt(changes) {
      try {
        const result = changes.attempt(work)
        settle = () => resolve(result)
        return true
      } catch (thrown) {
        fail(thrown)
        return false
      }
    },
    settle: () => settle(),
    fail,
  }
}
