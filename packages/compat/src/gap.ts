import type { Json } from '@tenon/contract'

/**
 * Something that one schema takes and another may refuse: where in a document, what it is, and documents to try it with.
 * When `complete`, nothing else needs to be tried. `within` is said where `at` holds a name that stands for any other.
 */
export type Gap = { at: string; what: string; candidates: Json[]; complete?: boolean; within?: string }

/** The same gap of a value further out. */
export const gapIn = (gap: Gap, place: string, candidates: Json[]): Gap => ({
  ...gap,
  at: `${place}${gap.at}`,
  candidates,
  ...(gap.within === undefined ? {} : { within: `${place}${gap.within}` }),
})
