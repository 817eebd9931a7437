/** A row that is held: its key in the table, and what it holds as one text. */
export type HeldRow = { id: number; content: string }

export type RowPlan = {
  /** Keys of rows that are to go. */
  gone: number[]
  /** For each wanted row the key that it gets, or undefined where it is held already and stays. */
  keys: (number | undefined)[]
}

/** What lies between two keys at first, so that rows find room between others later. */
const STEP = 2 ** 20

/**
 * How rows in one order become others with the fewest changes. Rows that are held and keep their order stay; those that
 * are new get keys between them, and only where there is no room left everything gets another key.
 */
export function planRows(held: readonly HeldRow[], wanted: readonly string[]): RowPlan {
  const stays = inOrder(matched(held, wanted))
  const keys = keysBetween(stays)
  if (keys === undefined) return { gone: held.map(({ id }) => id), keys: wanted.map((_, index) => (index + 1) * STEP) }
  const kept = new Set(stays)
  return { gone: held.flatMap(({ id }) => (kept.has(id) ? [] : [id])), keys }
}

/** For each wanted row a held one of the same content, none taken twice. */
function matched(held: readonly HeldRow[], wanted: readonly string[]): (number | undefined)[] {
  const free = new Map<string, number[]>()
  for (const { id, content } of held.toReversed()) {
    const same = free.get(content)
    if (same === undefined) free.set(content, [id])
    else same.push(id)
  }
  return wanted.map((content) => free.get(content)?.pop())
}

/** The longest increasing part of the keys, each at its place. */
function inOrder(keys: readonly (number | undefined)[]): (number | undefined)[] {
  const last: number[] = []
  const before: (number | undefined)[] = []
  for (const [index, key] of keys.entries()) {
    if (key === undefined) continue
    const length = lengthBelow(last, keys, key)
    before[index] = last[length - 1]
    last[length] = index
  }
  const chosen: (number | undefined)[] = keys.map(() => undefined)
  for (let at = last.at(-1); at !== undefined; at = before[at]) chosen[at] = keys[at]
  return chosen
}

/** How many of `last`, whose keys increase, lie below a key. */
function lengthBelow(last: readonly number[], keys: readonly (number | undefined)[], key: number): number {
  let [low, high] = [0, last.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[last[middle] ?? 0] ?? 0) < key) low = middle + 1
    else high = middle
  }
  return low
}

/** Keys for the rows without one, or undefined when somewhere there is no room. */
function keysBetween(stays: readonly (number | undefined)[]): (number | undefined)[] | undefined {
  const keys: (number | undefined)[] = []
  let below = 0
  for (let from = 0; from < stays.length; ) {
    let to = from
    while (to < stays.length && stays[to] === undefined) to += 1
    const above = stays[to] ?? below + STEP * (to - from + 1)
    const step = Math.floor((above - below) / (to - from + 1))
    if (step < 1) return undefined
    for (let n = 1; n <= to - from; n += 1) keys.push(below + step * n)
    if (to < stays.length) keys.push(undefined)
    below = above
    from = to + 1
  }
  return keys
}
