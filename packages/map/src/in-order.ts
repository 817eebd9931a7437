/** Items by these keys, by code units, then by all that they hold: equal sets are in equal order. */
export const inOrder = <T>(items: readonly T[], keysOf: (item: T) => readonly string[]): T[] =>
  items
    .map((item) => ({ item, keys: [...keysOf(item), JSON.stringify(item)] }))
    .sort((a, b) => compared(a.keys, b.keys))
    .map(({ item }) => item)

function compared(a: readonly string[], b: readonly string[]): number {
  for (const [index, key] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    if (key !== other) return key < other ? -1 : 1
  }
  return a.length - b.length
}
