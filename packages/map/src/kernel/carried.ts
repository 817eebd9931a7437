import type { Listings } from '../files/walk.ts'
import type { Finished } from './draft.ts'

/** What a scan leaves for the next one in the same process, beside what is kept: all of it may be shared between them. */
export type Carried = {
  /** The folders of each root. */
  listings: ReadonlyMap<string, Listings>
  /** What was found in each file. */
  drafts: ReadonlyMap<string, Finished>
}

/** What the scan before left, by the same extensions and settings, and the absolute paths of all that may have changed since. */
export type Since = { carried: Carried; touched: ReadonlySet<string> }
