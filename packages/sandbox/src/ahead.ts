/** A process that waits until somebody needs it. */
export type Waiting = {
  /** Asked at the last moment, so that whoever takes it sees its end. */
  isThere(): boolean
  /** Ends it, or what became of it, and takes away what was made for it. */
  dispose(): Promise<void>
}

/** Keeps one process made ahead, for the first who needs one like it. */
export type Ahead<T extends Waiting> = {
  /** The one that waits, if it is like this and still there: the caller's from then on. */
  take(like: string): Promise<T | undefined>
  /** Makes one, unless one waits. One that is unlike it gives way when this is asked for twice in a row. */
  prepare(like: string, make: () => Promise<T>): void
  /** Ends the one that waits. */
  drop(): Promise<void>
  /** Ends the one that waits, and makes no more. */
  release(): Promise<void>
}

export function oneAhead<T extends Waiting>(): Ahead<T> {
  let kept: { like: string; made: Promise<T | undefined> } | undefined
  let isReleased = false
  let asked: string | undefined
  const taken = (): Promise<T | undefined> | undefined => {
    const made = kept?.made
    kept = undefined
    return made
  }
  const ended = async (made: Promise<T | undefined> | undefined): Promise<void> => (await made)?.dispose()
  const drop = (): Promise<void> => ended(taken())
  return {
    take: async (like) => {
      const one = kept?.like === like ? await taken() : undefined
      if (one === undefined || one.isThere()) return one
      await one.dispose()
      return undefined
    },
    prepare: (like, make) => {
      const isAskedAgain = asked === like
      asked = like
      if (isReleased || kept?.like === like || (kept !== undefined && !isAskedAgain)) return
      // What keeps one from being made keeps the next start from making its own, which says so.
      kept = {
        like,
        made: ended(taken())
          .then(make)
          .catch(() => undefined),
      }
    },
    drop,
    release: () => {
      isReleased = true
      return drop()
    },
  }
}
