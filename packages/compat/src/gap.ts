import type { Json } from '@tenon/contract'

/**
 * Something that one schema takes and another may refuse: where in a document, what it is, and documents to try it with.
 * When `complete`, nothing else needs to be tried.
 */
export type Gap = { at: string; what: string; candidates: Json[]; complete?: boolean }
