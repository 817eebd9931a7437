import { jsonValue } from '@tenon/contract'
import type { Database, DatabaseReader } from '@tenon/database'
import type { Rename } from '../kernel/renames.ts'

/** Where a path is kept beside the scan: columns that hold one, and whether they survive what they name. */
const PLACES: readonly [table: string, column: string, zone: 'state' | 'derived'][] = [
  ['state_jobs', 'node_id', 'state'],
  ['state_summaries', 'node_id', 'state'],
  ['state_enrichments', 'node_id', 'state'],
  ['state_plugin_kvs', 'node_id', 'state'],
  ['state_node_favorites', 'node_path', 'state'],
  ['node_enrichments', 'node_path', 'derived'],
]

/**
 * Takes what is kept about nodes to their new paths. Where there is something of the same key already, that stays and the
 * other goes. To be called in a transaction.
 */
export function moveState(database: Database, renames: readonly Rename[]): void {
  for (const [table, column] of PLACES)
    for (const { from, to } of renames) {
      database.run(`UPDATE OR IGNORE ${table} SET ${column} = ? WHERE ${column} = ?`, to, from)
      database.run(`DELETE FROM ${table} WHERE ${column} = ?`, from)
    }
  moveExecutions(database, new Map(renames.map(({ from, to }) => [from, to])))
}

const NODE_IDS = { id: 'text', node_ids_json: 'text' } as const

function moveExecutions(database: Database, renames: ReadonlyMap<string, string>): void {
  if (renames.size === 0) return
  const sql = `SELECT id, node_ids_json FROM state_executions
    WHERE EXISTS (SELECT 1 FROM json_each(node_ids_json) WHERE value IN (SELECT value FROM json_each(?)))`
  for (const row of database.all(NODE_IDS, sql, JSON.stringify([...renames.keys()]))) {
    const paths = jsonValue(row.node_ids_json) as string[]
    const moved = [...new Set(paths.map((path) => renames.get(path) ?? path))]
    database.run('UPDATE state_executions SET node_ids_json = ? WHERE id = ?', JSON.stringify(moved), row.id)
  }
}

const EVERY_PATH = [
  ...PLACES.flatMap(([table, column, zone]) => (zone === 'state' ? [`SELECT ${column} AS path FROM ${table}`] : [])),
  "SELECT value AS path FROM state_executions, json_each(node_ids_json) WHERE type = 'text'",
].join(' UNION ')

/** Paths that state is kept for although no node has them, in order. */
export const strandedPaths = (database: DatabaseReader, live: { has(path: string): boolean }): string[] =>
  database
    .all({ path: 'text' }, `SELECT path FROM (${EVERY_PATH}) WHERE path <> '' ORDER BY path`)
    .flatMap(({ path }) => (live.has(path) ? [] : [path]))
