import { TenonError } from '@tenon/contract'
import type { DatabaseReader } from '@tenon/database'
import { isWhole, ROW, type Space, type StoredRow } from './stored-row.ts'

/** A row that does not have its checksum. */
export type DamagedRow = { plugin: string; space: Space; key: string }

const PAGE = 50

/** Every damaged row, in order. Others get their turn between pages. Throws DATA_FOLDER_CORRUPT where pages are damaged. */
export async function damagedRows(reader: DatabaseReader): Promise<DamagedRow[]> {
  await reader.quickCheck()
  const found: DamagedRow[] = []
  for (let after: StoredRow | undefined; ; ) {
    const rows = pageAfter(reader, after)
    found.push(...rows.filter((row) => !isWhole(row)).map(({ plugin, space, key }) => ({ plugin, space, key })))
    after = rows.at(-1)
    if (after === undefined) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const pageAfter = (reader: DatabaseReader, after: StoredRow | undefined): StoredRow[] =>
  reader
    .all(
      { ...ROW, plugin: 'text', space: 'text', key: 'text' },
      'SELECT * FROM plugin_row WHERE (plugin, space, key) > (?, ?, ?) ORDER BY plugin, space, key LIMIT ?',
      ...[after?.plugin ?? '', after?.space ?? '', after?.key ?? '', PAGE],
    )
    .map((row) => ({ ...row, space: row.space as Space }))

/** Throws DATA_FOLDER_CORRUPT naming the rows, if there are any. */
export function refuseDamaged(path: string, rows: readonly DamagedRow[]): void {
  const [first] = rows
  if (first === undefined) return
  const more = rows.length === 1 ? '' : `, and ${rows.length - 1} more rows like it`
  const what = `the ${first.space} row ${JSON.stringify(first.key)} of ${first.plugin} does not have its checksum`
  throw new TenonError('DATA_FOLDER_CORRUPT', `${path}: ${what}${more}`, {
    hint: 'Restore the file from a backup, or write the value anew.',
    details: { ...first, rows },
  })
}
