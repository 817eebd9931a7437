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

/** The same for each name by itself. */
export function inTurnEach(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const turns = new Map<string, InTurn>()
  return (name, work) => {
    const turn = turns.get(name) ?? inTurn()
    turns.set(name, turn)
    return turn(work)
  }
}
