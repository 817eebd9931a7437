import { assert } from '@tenon/contract'

export type SqlValue = null | number | bigint | string | Uint8Array

/** The columns that a statement reads and what they hold; a final `?` lets NULL through. */
export type Columns = Readonly<Record<string, 'text' | 'text?' | 'number' | 'number?' | 'bytes' | 'bytes?'>>

type Held = { text: string; number: number; bytes: Uint8Array }
type HeldAs<Kind> = Kind extends `${infer Plain extends keyof Held}?` ? Held[Plain] | null : Held[Kind & keyof Held]

export type RowOf<C extends Columns> = { [Name in keyof C]: HeldAs<C[Name]> }

/**
 * Makes rows of the values that a statement gives, whose columns have these names. That statement and columns agree is for
 * the caller's tests to show.
 */
export function rowMaker<C extends Columns>(columns: C, names: readonly string[]): (values: Values) => RowOf<C> {
  const wanted = Object.entries(columns).map(([name, kind]) => ({ name, kind, at: names.lastIndexOf(name) }))
  return (values) => {
    const row: Record<string, unknown> = {}
    for (const { name, kind, at } of wanted) {
      const value = values[at]
      if (!HOLDS[kind](value)) assert(false, `a statement's ${name} is no ${kind}`)
      row[name] = value
    }
    return row as RowOf<C>
  }
}

/** What one row holds, in the order of the statement's columns. */
export type Values = readonly unknown[]

type ColumnKind = Columns[string]

const isText = (value: unknown): boolean => typeof value === 'string'
const isNumber = (value: unknown): boolean => typeof value === 'number'
const isBytes = (value: unknown): boolean => value instanceof Uint8Array

const HOLDS: Readonly<Record<ColumnKind, (value: unknown) => boolean>> = {
  text: isText,
  'text?': (value) => value === null || isText(value),
  number: isNumber,
  'number?': (value) => value === null || isNumber(value),
  bytes: isBytes,
  'bytes?': (value) => value === null || isBytes(value),
}
