export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

/** Work that is done one piece after the other, whatever became of the piece before. */
export function inTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine
    return mine
  }
}
