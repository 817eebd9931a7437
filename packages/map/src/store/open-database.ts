import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { World } from '@tenon/contract'
import { copyDatabaseNow, openDatabase, type Database } from '@tenon/database'
import { adoptTables } from './adopt-tables.ts'
import { mapMigrations, type ShapeStep } from './migrations.ts'

export const backupFolder = (path: string): string => join(dirname(path), 'backups')

export type ShapeOptions = {
  /** The version to bring the database to; the newest when absent. */
  to?: number | undefined
  /** False makes no copy before tables change. */
  backup?: boolean | undefined
}

/**
 * Opens or makes the database of a map and brings it to the newest shape, after a backup where there is something to lose.
 * One that skill-map's own program made is taken over as it is.
 */
export function openMapDatabase(path: string, world: World, { to, backup }: ShapeOptions = {}): Database {
  mkdirSync(dirname(path), { recursive: true })
  const migrations = mapMigrations.slice(0, to)
  const database = openDatabase(path, {
    migrations,
    world,
    durable: false,
    adopt: (tables) => adoptTables(tables, migrations, world),
    ...(backup === false ? {} : { beforeMigration: () => backUpBefore(path, migrations.length) }),
  })
  noteShape(database, migrations, world)
  return database
}

function backUpBefore(path: string, version: number): void {
  const folder = backupFolder(path)
  mkdirSync(folder, { recursive: true })
  copyDatabaseNow(path, join(folder, `skill-map-pre-migrate-v${version}.db`))
}

/** skill-map's own ledger of the database's shape, which its other programs read. */
function noteShape(database: Database, steps: readonly ShapeStep[], world: World): void {
  const noted = database.all(
    { version: 'number' },
    "SELECT version FROM config_schema_versions WHERE scope = 'kernel' AND owner_id = 'kernel'",
  )
  for (const { version, description } of steps)
    if (!noted.some((row) => row.version === version))
      database.run(
        "INSERT OR IGNORE INTO config_schema_versions VALUES ('kernel', 'kernel', ?, ?, ?)",
        version,
        description,
        world.now(),
      )
}
