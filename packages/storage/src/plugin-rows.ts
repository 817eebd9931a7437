import { limits, type Json, type World } from '@tenon/contract'
import { changeSet, parsed, type ChangeSet, type Draft } from './change-set.ts'
import { textOf } from './damage.ts'
import type { KeyRange, PlaceStore } from './row-store.ts'
import type { Place } from './stored-row.ts'

/** The rows of one plugin in one space. */
export type Rows = {
  get(key: string): Promise<Json | undefined>
  /** Keys in the order of their bytes. */
  keys(range: Partial<KeyRange>): Promise<string[]>
  bytes(): Promise<number>
  /**
   * Runs `work` after every earlier change of these rows and settles when its changes are on disk; when it throws, none is
   * made. What is asked of the draft is all that `work` may wait for.
   */
  change<T>(work: (draft: Draft) => Promise<T>): Promise<T>
}

/** A change that waits for its turn. `attempt` says whether it went well; `settle` tells its caller so. */
type Turn = { attempt(changes: ChangeSet): Promise<boolean>; settle(): void; fail(reason: unknown): void }

export function openRows(store: PlaceStore, place: Place, world: World): Rows {
  let waiting: Turn[] = []
  let isRunning = false

  const commit = async (turns: Turn[]): Promise<void> => {
    const done: Turn[] = []
    try {
      await store.change(place, async (stored) => {
        const changes = await changeSet(stored, place, world.now())
        for (const turn of turns) if (await turn.attempt(changes)) done.push(turn)
        return changes.written()
      })
      for (const turn of done) turn.settle()
    } catch (thrown) {
      for (const turn of turns) turn.fail(thrown)
    }
  }
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const turns = waiting
      waiting = []
      await commit(turns)
    }
    isRunning = false
  }
  return {
    get: async (key) => parsed(textOf(store, await store.row(place, key), world.now())),
    keys: ({ prefix = '', after = '', limit = limits.kvListMax }) =>
      store.keys(place, { prefix, after, limit: Math.min(limit, limits.kvListMax) }, world.now()),
    async bytes() {
      const { stored, expired } = await store.bytes(place, world.now())
      return stored - expired
    },
    change: <T>(work: (draft: Draft) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        waiting.push(turnOf(work, resolve, reject))
        // Changes that are asked for in one go share a commit.
        if (!isRunning) queueMicrotask(() => void run())
        isRunning = true
      }),
  }
}

function turnOf<T>(
  work: (draft: Draft) => Promise<T>,
  resolve: (result: T) => void,
  fail: (reason: unknown) => void,
): Turn {
  let settle = (): void => {}
  return {
    async attempt(changes) {
      try {
        const result = await changes.attempt(work)
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
