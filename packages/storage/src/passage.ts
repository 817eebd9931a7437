/** Work that may be done beside other work, and work that must be done alone, in the order they were asked for. */
export type Passage = {
  beside<T>(work: () => Promise<T>): Promise<T>
  alone<T>(work: () => Promise<T>): Promise<T>
}

export function passage(): Passage {
  const inside = new Set<Promise<unknown>>()
  let lastAlone: Promise<unknown> = Promise.resolve()
  const entered = <T>(mine: Promise<T>): Promise<T> => {
    const leave = (): boolean => inside.delete(mine)
    inside.add(mine)
    mine.then(leave, leave)
    return mine
  }
  return {
    beside: (work) => entered(lastAlone.then(work, work)),
    alone(work) {
      const mine = entered(Promise.allSettled(inside).then(work))
      lastAlone = mine
      return mine
    },
  }
}
