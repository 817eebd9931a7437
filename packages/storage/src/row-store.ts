import type { Place, Space, StoredRow } from './stored-row.ts'

/** Keys that begin with `prefix` and come behind `after`, at most so many. */
export type KeyRange = { prefix: string; after: string; limit: number }

/** Rows as they are in a database. What they mean, and whether they are whole, is judged above. */
export type RowReads = {
  /** What faults call it. */
  readonly name: string
  row(place: Place, key: string): Promise<StoredRow | undefined>
  /** Bytes of all rows in a place, and of those among them that have expired at a time. */
  bytes(place: Place, now: number): Promise<{ stored: number; expired: number }>
  /** Keys in the order of their bytes, of what has not expired at a time. */
  keys(place: Place, range: KeyRange, now: number): Promise<string[]>
  /** The plugins that have rows in a space, in order. */
  plugins(space: Space): Promise<string[]>
  /** The places that hold something expired. */
  expiredPlaces(now: number): Promise<Place[]>
  /** Every row, in order, some at a time. Throws DATA_FOLDER_CORRUPT where the database itself is damaged. */
  rows(): AsyncIterable<StoredRow[]>
}

export type RowChange = { put: StoredRow } | { remove: Place & { key: string } } | { sweep: Place; now: number }
/** What to write, all or nothing, and the bytes that the place holds then. */
export type Written = { changes: RowChange[]; bytes: number }

/** Rows that are changed place by place. */
export type PlaceStore = RowReads & {
  /** Runs `work` while nobody else changes the rows of this place, and writes what it gives. */
  change(place: Place, work: (reads: RowReads) => Promise<Written>): Promise<void>
}

/** Where rows are kept. What changes them settles when it is on disk. */
export type RowStore = PlaceStore & {
  /** Runs `work` while nobody else changes any row, and writes what it gives. */
  changeAlone(work: (reads: RowReads) => Promise<RowChange[]>): Promise<void>
  /** Writes all rows, as they are at one moment, into a new SQLite file. */
  copyTo(path: string): Promise<void>
  /** Puts the rows of a SQLite file in the place of all rows, at once, while nobody else changes any. */
  replaceBy(path: string): Promise<void>
  close(): Promise<void>
}
