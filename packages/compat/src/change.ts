import type { Json } from '@tenon/contract'

export type Verdict = 'compatible' | 'breaking' | 'unknown'

/**
 * `where` is a JSON pointer into the contract and on into a document, with `*` for any item. A witness is a document
 * that the two versions judge differently; what is simply gone needs none. `renamed` is the new name of an operation.
 */
export type Change = { where: string; verdict: Verdict; why: string; witness?: Json; renamed?: string }

/** Somebody's word that what cannot be decided at a place breaks nobody, to be borne out by so many random documents. */
export type Assertion = { where: string; reviewer: string; instances: number }
