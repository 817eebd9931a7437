import type { World } from '@tenon/contract'
import { dropDatabase, openReader, type DatabaseReader } from '@tenon/database'
import { requireMap } from './backup.ts'
import { openMapDatabase } from './open-database.ts'
import { quotedName } from './quoted-name.ts'

/** What is emptied: what can be made anew; also what cannot and what plugins keep; or the whole file. */
export type ResetReach = 'scan' | 'state' | 'hard'

/** The tables that a reset empties, and how many rows each has. */
export type ResetPlan = { table: string; rows: number }[]

const ZONES = { scan: /^scan_/, state: /^(scan_|state_|plugin_|node_enrichments$)/ }

/** A file that is to go need not be readable, so nothing is counted in it. */
export function planReset(path: string, reach: ResetReach): ResetPlan {
  requireMap(path)
  if (reach === 'hard') return []
  const reader = openReader(path)
  try {
    return planned(reader, reach)
  } finally {
    reader.close()
  }
}

/** Empties the tables in one transaction, or removes the file; what was in it is told. */
export function resetMap(path: string, reach: ResetReach, world: World): ResetPlan {
  const plan = planReset(path, reach)
  if (reach === 'hard') dropDatabase(path)
  else emptied(path, reach, world)
  return plan
}

function emptied(path: string, reach: keyof typeof ZONES, world: World): void {
  const database = openMapDatabase(path, world)
  try {
    database.transaction(() => {
      for (const { table } of planned(database, reach)) database.run(`DELETE FROM ${quotedName(table)}`)
    })
  } finally {
    database.close()
  }
}

const planned = (database: DatabaseReader, reach: keyof typeof ZONES): ResetPlan =>
  database
    .all({ name: 'text' }, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .filter(({ name }) => ZONES[reach].test(name))
    .map(({ name }) => ({
      table: name,
      rows: database.get({ rows: 'number' }, `SELECT count(*) AS rows FROM ${quotedName(name)}`)?.rows ?? 0,
    }))
