/** What a package may still be, one bit each: bit 0 says "absent", bit i + 1 says "its i-th release". */
export type VersionSet = bigint

export const EMPTY: VersionSet = 0n
export const ABSENT: VersionSet = 1n

export const only = (index: number): VersionSet => 1n << BigInt(index + 1)

/** Absent, and every release of a package that has `count` of them. */
export const everything = (count: number): VersionSet => (1n << BigInt(count + 1)) - 1n

export const isSubset = (inner: VersionSet, outer: VersionSet): boolean => (inner & outer) === inner

/** The set that holds just the first release of `set`, which must not hold "absent". */
export const firstOf = (set: VersionSet): VersionSet => set & -set

/** The release of a set that holds exactly one. */
export const indexOf = (single: VersionSet): number => single.toString(2).length - 2

export const sizeOf = (set: VersionSet): number => set.toString(2).replaceAll('0', '').length

export const unite = (sets: Iterable<VersionSet>): VersionSet => {
  let union = EMPTY
  for (const set of sets) union |= set
  return union
}
