/** A row that is held: its key in the table, and what it holds as one value, equal to that of an equal row. */
export type HeldRow<Content = string> = { id: number; content: Content }

export type RowPlan = {
  /** Keys of rows that are to go. */
  gone: number[]
  /** For each wanted row the key that it gets, or undefined where it is held already and stays. */
  keys: (number | undefined)[]
  /** The keys of all rows afterwards, in their order. */
  ids: number[]
}

/** The keys of the rows around those that are planned; none above the last. */
export type Around = { below: number; above?: number | undefined }

/** What lies between two keys at first, so that rows find room between others later. */
const STEP = 2 ** 20

/**
 * How rows in one order become others with the fewest changes. Rows that are held and keep their order stay; those that
 * are new get keys between them, and only where there is no room left everything gets another key.
 */
export function planRows(held: readonly HeldRow[], wanted: readonly string[]): RowPlan {
  return planBetween(held, wanted, { below: 0 }) ?? renumbered(held, wanted.length)
}

/** All rows anew, with room between them. */
export function renumbered(held: readonly { id: number }[], count: number): RowPlan {
  const keys = Array.from({ length: count }, (_, index) => (index + 1) * STEP)
  return { gone: held.map(({ id }) => id), keys, ids: keys }
}

/** The same for rows among others that stay as they are; undefined where there is no room between those. */
export function planBetween<Content>(
  held: readonly HeldRow<Content>[],
  wanted: readonly Content[],
  around: Around,
): RowPlan | undefined {
  const stays = inOrder(matched(held, wanted))
  const ids = keysBetween(stays, around)
  if (ids === undefined) return undefined
  const kept = new Set(stays)
  return {
    gone: held.flatMap(({ id }) => (kept.has(id) ? [] : [id])),
    keys: ids.map((id, at) => (stays[at] === undefined ? id : undefined)),
    ids,
  }
}

/** For each wanted row a held one of the same content, none taken twice. */
function matched<Content>(held: readonly HeldRow<Content>[], wanted: readonly Content[]): (number | undefined)[] {
  const free = new Map<Content, number[]>()
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

/** The keys of all rows, with new ones for those without, or undefined when somewhere there is no room. */
function keysBetween(stays: readonly (number | undefined)[], around: Around): number[] | undefined {
  const keys: number[] = []
  let { below } = around
  for (let from = 0; from < stays.length; ) {
    let to = from
    while (to < stays.length && stays[to] === undefined) to += 1
    const above = stays[to] ?? around.above ?? below + STEP * (to - from + 1)
    const step = Math.floor((above - below) / (to - from + 1))
    if (step < 1) return undefined
    for (let n = 1; n <= to - from; n += 1) keys.push(below + step * n)
    if (to < stays.length) keys.push(above)
    below = above
    from = to + 1
  }
  return keys
}
