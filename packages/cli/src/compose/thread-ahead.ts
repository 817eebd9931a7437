import { existsSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { secondThread, type SecondThread } from '@tenon/map/thread'

/** So large is the database of a map of some 2,000 files; those of fewer are looked at before a thread would have begun. */
const LARGE_BYTES = 10 * 2 ** 20

type Asked = { db: string; changed: boolean; noTokens: boolean }

/** A thread for a scan. Where much is known and little has changed, it begins before anything else is loaded. */
export function threadAhead({ db, changed, noTokens }: Asked, processors = availableParallelism()): SecondThread {
  const thread = secondThread(!noTokens)
  // Where it cannot be looked at, whoever opens it says why.
  const size = existsSync(db) ? statSync(db).size : 0
  if (changed && processors > 1 && size >= LARGE_BYTES) thread.begin()
  return thread
}
