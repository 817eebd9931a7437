import { existsSync } from 'node:fs'
import { TenonError } from '@tenon/contract'
import { readDatabase, type DatabaseReader } from '@tenon/database'
import type { ScanResult } from '../graph-schema.ts'
import { mapMigrations } from './migrations.ts'
import { readIssues, readLinks, readNodes, readResult } from './read-scan.ts'

/**
 * The scan that the database of a map holds; undefined where no scan was kept. Writes nothing and makes no file. Throws
 * DATA_FOLDER_FORMAT for a database that first has to be brought to our shape.
 */
export const readMap = (path: string): ScanResult | undefined =>
  reading(path, 'scan_meta', (reader) => {
    refuseOtherShape(reader)
    return readResult(reader)
  })

/** What a scan found, which makes up nearly all of it. */
export type ScanParts = Pick<ScanResult, 'nodes' | 'links' | 'issues'>

/** As `readMap`, of a scan only the parts that are named. */
export const readMapParts = <Part extends keyof ScanParts>(
  path: string,
  ...parts: readonly Part[]
): Pick<ScanParts, Part> | undefined =>
  readKept(
    path,
    (reader) => Object.fromEntries(parts.map((part) => [part, PARTS[part](reader)])) as Pick<ScanParts, Part>,
  )

/** What somebody reads of the scan that the database of a map holds; undefined where no scan was kept. Throws as `readMap`. */
export const readKept = <T>(path: string, read: (reader: DatabaseReader) => T): T | undefined =>
  reading(path, 'scan_meta', (reader) => {
    refuseOtherShape(reader)
    return reader.get({ id: 'number' }, 'SELECT id FROM scan_meta') && read(reader)
  })

const PARTS: { [Part in keyof ScanParts]: (reader: DatabaseReader) => ScanParts[Part] } = {
  nodes: readNodes,
  links: readLinks,
  issues: readIssues,
}

/** Whether the database of a map holds a scan. Writes nothing and makes no file. */
export const holdsScan = (path: string): boolean =>
  reading(path, 'scan_meta', (reader) => reader.get({ id: 'number' }, 'SELECT id FROM scan_meta')) !== undefined

/** The version of the database's shape, by skill-map's own ledger of it. */
export const readMapShape = (path: string): number | undefined =>
  reading(path, 'config_schema_versions', (reader) => {
    const sql = "SELECT max(version) AS version FROM config_schema_versions WHERE scope = 'kernel'"
    return reader.get({ version: 'number?' }, sql)?.version ?? undefined
  })

const reading = <T>(path: string, table: string, read: (reader: DatabaseReader) => T | undefined): T | undefined =>
  existsSync(path) ? readDatabase(path, (reader) => (hasTable(reader, table) ? read(reader) : undefined)) : undefined

const hasTable = (reader: DatabaseReader, table: string): boolean =>
  reader.get({ name: 'text' }, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ?", table) !== undefined

function refuseOtherShape(reader: DatabaseReader): void {
  const applied = hasTable(reader, 'tenon_migration')
    ? reader.all({ id: 'text' }, 'SELECT id FROM tenon_migration')
    : []
  const [has, needs] = [applied, mapMigrations].map((steps) => steps.map(({ id }) => id).join(', '))
  if (has === needs) return
  throw new TenonError('DATA_FOLDER_FORMAT', `${reader.path} has another shape than this version reads`, {
    hint: 'If an earlier version made it, or skill-map’s own program, "sm scan" brings it to this one.',
    details: { has, needs },
  })
}
