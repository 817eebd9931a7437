import { once } from '@tenon/contract'

/** How things are found by paths: how many there are, their paths in an order, that of one path, or all in that order. */
export type LazyReading<T> = {
  count(): number
  paths(): Iterable<string>
  at(path: string): T | undefined
  all(): Iterable<readonly [path: string, thing: T]>
}

/** After so many that were found one by one, all others are found at once, which takes half the time for each. */
const MANY = 1_000

/** Things by paths, each found when it is asked for, and once. */
export class LazyMap<T> implements ReadonlyMap<string, T> {
  readonly #paths: () => ReadonlySet<string>
  readonly #count: () => number
  readonly #reading: LazyReading<T>
  readonly #read = new Map<string, T | undefined>()
  #isWhole = false

  constructor(reading: LazyReading<T>) {
    this.#paths = once(() => new Set(reading.paths()))
    this.#count = once(() => reading.count())
    this.#reading = reading
  }

  get size(): number {
    return this.#count()
  }

  has(path: string): boolean {
    return this.#paths().has(path)
  }

  get(path: string): T | undefined {
    if (this.#isWhole || this.#read.has(path)) return this.#read.get(path)
    if (this.#read.size >= MANY) this.#readAll()
    else this.#read.set(path, this.#reading.at(path))
    return this.#read.get(path)
  }

  keys(): MapIterator<string> {
    return this.#paths().keys()
  }

  *values(): MapIterator<T> {
    for (const [, thing] of this.entries()) yield thing
  }

  *entries(): MapIterator<[string, T]> {
    if (!this.#isWhole) this.#readAll()
    for (const path of this.#paths()) {
      const thing = this.#read.get(path)
      if (thing !== undefined) yield [path, thing]
    }
  }

  forEach(call: (thing: T, path: string, map: ReadonlyMap<string, T>) => void): void {
    for (const [path, thing] of this.entries()) call(thing, path, this)
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries()
  }

  #readAll(): void {
    this.#isWhole = true
    for (const [path, thing] of this.#reading.all()) if (!this.#read.has(path)) this.#read.set(path, thing)
  }
}
