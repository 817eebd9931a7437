import { existsSync } from 'node:fs'
import { TenonError } from '@tenon/contract'
import { readDatabase, type DatabaseReader } from '@tenon/database'
import { mapMigrations } from '../store/migrations.ts'
import { strandedPaths } from '../store/state-rows.ts'
import type { Finding } from './finding.ts'

/** Looks at the database of a map and changes nothing. */
export function examineDatabase(path: string): Finding[] {
  if (!existsSync(path))
    return [{ check: 'database', level: 'warning', message: `there is none at ${path}: "sm init"` }]
  try {
    return readDatabase(path, examined)
  } catch (thrown) {
    if (!(thrown instanceof TenonError && thrown.code.startsWith('DATA_FOLDER_'))) throw thrown
    return [{ check: 'database', level: 'error', message: thrown.message }]
  }
}

function examined(reader: DatabaseReader): Finding[] {
  const damage = reader
    .all({ quick_check: 'text' }, 'PRAGMA quick_check')
    .flatMap(({ quick_check: said }) => (said === 'ok' ? [] : [said]))
  if (damage.length > 0) return found('database', 'error', damage, 'it is damaged:')
  const tables = new Set(reader.all({ name: 'text' }, 'SELECT name FROM sqlite_schema').map(({ name }) => name))
  return [...shapeFindings(reader, tables), ...(tables.has('state_jobs') ? stateFindings(reader) : [])]
}

function shapeFindings(reader: DatabaseReader, tables: ReadonlySet<string>): Finding[] {
  const applied = tables.has('tenon_migration')
    ? reader.all({ id: 'text' }, 'SELECT id FROM tenon_migration').map(({ id }) => id)
    : []
  const known = mapMigrations.map(({ id }) => id)
  const [strange, missing] = [
    applied.filter((id) => !known.includes(id)),
    mapMigrations.filter(({ id }) => !applied.includes(id)),
  ]
  return [
    ...found('migrations', 'error', strange, 'a newer version made it, with'),
    ...found(
      ...(['migrations', 'warning'] as const),
      missing.map(({ version, description }) => `${version} (${description})`),
      'the next verb that opens it brings it up to date:',
    ),
  ]
}

function stateFindings(reader: DatabaseReader): Finding[] {
  const live = new Set(reader.all({ path: 'text' }, 'SELECT path FROM scan_nodes').map(({ path }) => path))
  const hashes = (sql: string): string[] => reader.all({ content_hash: 'text' }, sql).map((row) => row.content_hash)
  const unused = 'SELECT content_hash FROM state_job_contents EXCEPT SELECT content_hash FROM state_jobs'
  const lost = `SELECT content_hash FROM state_jobs WHERE status IN ('queued', 'running')
    EXCEPT SELECT content_hash FROM state_job_contents`
  return [
    ...found('orphans', 'warning', strandedPaths(reader, live), 'something is kept of nodes that are gone:'),
    ...found('jobs', 'warning', hashes(unused), 'contents that no job has:'),
    ...found('jobs', 'warning', hashes(lost), 'jobs wait for contents that are gone:'),
  ]
}

const SHOWN = 5

function found(check: Finding['check'], level: Finding['level'], things: readonly string[], what: string): Finding[] {
  if (things.length === 0) return []
  const more = things.length > SHOWN ? ` and ${things.length - SHOWN} more` : ''
  return [{ check, level, message: `${what} ${things.slice(0, SHOWN).join(', ')}${more}` }]
}
