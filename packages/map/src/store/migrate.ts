import { TenonError, type World } from '@tenon/contract'
import { openReader } from '@tenon/database'
import { requireMap } from './backup.ts'
import { mapMigrations } from './migrations.ts'
import { openMapDatabase, type ShapeOptions } from './open-database.ts'

/** A step of the shape of a map's database, and whether the database has it. */
export type ShapeStatus = { version: number; description: string; applied: boolean }

export function shapeStatus(path: string): ShapeStatus[] {
  requireMap(path)
  const reader = openReader(path)
  try {
    const ours = reader.get({ n: 'number' }, "SELECT count(*) AS n FROM sqlite_schema WHERE name = 'tenon_migration'")
    const applied =
      ours?.n === 1 ? reader.all({ id: 'text' }, 'SELECT id FROM tenon_migration').map(({ id }) => id) : []
    return mapMigrations.map(({ id, version, description }) => ({
      version,
      description,
      applied: applied.includes(id),
    }))
  } finally {
    reader.close()
  }
}

/** Brings a map's database to a version, by default the newest, and tells the steps that were missing. */
export function migrateMap(
  path: string,
  world: World,
  { to = mapMigrations.length, backup, dryRun = false }: ShapeOptions & { dryRun?: boolean } = {},
): ShapeStatus[] {
  const status = shapeStatus(path)
  refuseVersion(path, to, status.filter(({ applied }) => applied).length)
  const missing = status.filter(({ version, applied }) => !applied && version <= to)
  if (!dryRun && missing.length > 0) openMapDatabase(path, world, { to, backup }).close()
  return missing
}

function refuseVersion(path: string, to: number, current: number): void {
  const newest = mapMigrations.length
  if (Number.isInteger(to) && to >= Math.max(current, 1) && to <= newest) return
  const what =
    to < current ? `is of version ${current}, and there is no way back to ${to}` : `cannot be of version ${to}`
  throw new TenonError('MIGRATION_FAILED', `${path} ${what}`, {
    hint: `The newest version is ${newest}. A backup brings an earlier one back.`,
    details: { current, to, newest },
  })
}
