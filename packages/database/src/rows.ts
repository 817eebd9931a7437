import { assert } from '@tenon/contract'

export type SqlValue = null | number | bigint | string | Uint8Array

/** The columns that a statement reads and what they hold; a final `?` lets NULL through. */
export type Columns = Readonly<Record<string, 'text' | 'text?' | 'number' | 'number?' | 'bytes' | 'bytes?'>>

type Held = { text: string; number: number; bytes: Uint8Array }
type HeldAs<Kind> = Kind extends `${infer Plain extends keyof Held}?` ? Held[Plain] | null : Held[Kind & keyof Held]

export type RowOf<C extends Columns> = { [Name in keyof C]: HeldAs<C[Name]> }

/** Gives a row its type. That statement and columns agree is for the caller's tests to show. */
export function rowOf<C extends Columns>(columns: C, row: Readonly<Record<string, unknown>>): RowOf<C> {
  for (const [name, kind] of Object.entries(columns))
    assert(holds(kind, row[name]), `the column ${name} of a statement holds ${kind}`)
  return row as RowOf<C>
}

function holds(kind: Columns[string], value: unknown): boolean {
  if (value === null) return kind.endsWith('?')
  if (kind.startsWith('bytes')) return value instanceof Uint8Array
  return typeof value === (kind.startsWith('text') ? 'string' : 'number')
}
