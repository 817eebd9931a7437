import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { Look } from '../thread/look.ts'
import type { SecondThread } from '../thread/second-thread.ts'
import type { LoadedProvider } from './loaded-extension.ts'
import { extensionsReadBy, walks } from './provider-files.ts'
import type { Snapshot } from './snapshot.ts'

/** Fewer files are looked at before a thread would have begun. */
const MANY = 2_000

/** By the absolute paths of roots, what comes of a look at each; undefined where it failed. */
export type Looks = ReadonlyMap<string, Promise<Look | undefined>>

export const NO_LOOKS: Looks = new Map()

type Ahead = {
  roots: readonly string[]
  cwd: string
  providers: readonly LoadedProvider[]
  ignore: readonly string[]
  /** The scan before, from which it is known whether there are many files. */
  before: Pick<Snapshot, 'filesWalked' | 'isSparse'>
}

/**
 * Begins to look at roots in the second thread, for all that is read from the database of many files takes as long. Where
 * little is read from it, this thread can look itself while the other one makes ready to count.
 */
export function lookAhead(
  thread: SecondThread,
  { roots, cwd, providers, ignore, before }: Ahead,
  processors = availableParallelism(),
): Looks {
  if (before.filesWalked < MANY || providers.some(walks) || processors === 1) return NO_LOOKS
  const extensions = extensionsReadBy(providers)
  const asked = before.isSparse === true ? [] : roots.map((folder) => resolve(cwd, folder))
  const looks = new Map(asked.map((root) => [root, thread.look({ root, extensions, ignore })]))
  thread.countSoon()
  return looks
}
