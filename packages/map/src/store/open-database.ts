import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { World } from '@tenon/contract'
import { copyDatabaseNow, openDatabase, type Database } from '@tenon/database'
import { adoptTables } from './adopt-tables.ts'
import { mapMigrations } from './migrations.ts'

const backupFolder = (path: string): string => join(dirname(path), 'backups')

/**
 * Opens or makes the database of a map and brings it to the newest shape, after a backup where there is something to lose.
 * One that skill-map's own program made is taken over as it is.
 */
export function openMapDatabase(path: string, world: World): Database {
  mkdirSync(dirname(path), { recursive: true })
  const database = openDatabase(path, {
    migrations: mapMigrations,
    world,
    durable: false,
    adopt: (tables) => adoptTables(tables, world),
    beforeMigration: () => backUpBefore(path),
  })
  noteShape(database, world)
  return database
}

function backUpBefore(path: string): void {
  const folder = backupFolder(path)
  mkdirSync(folder, { recursive: true })
  copyDatabaseNow(path, join(folder, `skill-map-pre-migrate-v${mapMigrations.length}.db`))
}

/** skill-map's own ledger of the database's shape, which its other programs read. */
function noteShape(database: Database, world: World): void {
  const noted = database.all(
    { version: 'number' },
    "SELECT version FROM config_schema_versions WHERE scope = 'kernel' AND owner_id = 'kernel'",
  )
  for (const { version, description } of mapMigrations)
    if (!noted.some((row) => row.version === version))
      database.run(
        "INSERT OR IGNORE INTO config_schema_versions VALUES ('kernel', 'kernel', ?, ?, ?)",
        version,
        description,
        world.now(),
      )
}
