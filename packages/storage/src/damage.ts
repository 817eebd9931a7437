import { TenonError } from '@tenon/contract'
import type { RowReads } from './row-store.ts'
import { isWhole, type Space, type StoredRow } from './stored-row.ts'

/** A row that does not have its checksum. */
export type DamagedRow = { plugin: string; space: Space; key: string }

/** Every damaged row, in order. Throws DATA_FOLDER_CORRUPT where more than rows is damaged. */
export async function damagedRows(reads: RowReads): Promise<DamagedRow[]> {
  const found: DamagedRow[] = []
  for await (const page of reads.rows())
    found.push(...page.filter((row) => !isWhole(row)).map(({ plugin, space, key }) => ({ plugin, space, key })))
  return found
}

/** Throws DATA_FOLDER_CORRUPT naming the rows, if there are any. */
export function refuseDamaged(name: string, rows: readonly DamagedRow[]): void {
  const [first] = rows
  if (first === undefined) return
  const more = rows.length === 1 ? '' : `, and ${rows.length - 1} more rows like it`
  const what = `the ${first.space} row ${JSON.stringify(first.key)} of ${first.plugin} does not have its checksum`
  throw new TenonError('DATA_FOLDER_CORRUPT', `${name}: ${what}${more}`, {
    hint: 'Restore it from a backup, or write the value anew.',
    details: { ...first, rows },
  })
}

/** A row's value as JSON text, unless it has expired. Throws DATA_FOLDER_CORRUPT naming the row when it is damaged. */
export function textOf({ name }: RowReads, row: StoredRow | undefined, now: number): string | undefined {
  if (row === undefined) return undefined
  const { plugin, space, key, expiresAt, text } = row
  if (!isWhole(row)) refuseDamaged(name, [{ plugin, space, key }])
  return expiresAt !== undefined && expiresAt <= now ? undefined : text
}
