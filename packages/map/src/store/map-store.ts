import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { World } from '@tenon/contract'
import { openDatabase, type Database } from '@tenon/database'
import type { ScanResult } from '../graph-schema.ts'
import type { Contribution } from '../kernel/collector.ts'
import type { Scan } from '../kernel/run-scan.ts'
import { mapMigrations } from './migrations.ts'
import { persistScan } from './persist.ts'
import { readContributions, readResult } from './read-scan.ts'

export type MapStore = {
  /** Replaces the scan that is held, all of it or nothing. What is held already is not written again. */
  persist(scan: Scan): void
  /** The scan that is held, or undefined before the first one. */
  readScan(): ScanResult | undefined
  /** What extensions said about the nodes of that scan, or about one of them. */
  readContributions(nodePath?: string): Contribution[]
  close(): void
}

/** Opens or makes the database of a map, by custom `<root>/.skill-map/skill-map.db`. */
export function openMapStore(path: string, world: World): MapStore {
  mkdirSync(dirname(path), { recursive: true })
  const database = openDatabase(path, { migrations: mapMigrations, world, durable: false })
  noteShape(database, world)
  return {
    persist: (scan) => database.transaction(() => persistScan(database, scan)),
    readScan: () => readResult(database),
    readContributions: (nodePath) => readContributions(database, nodePath),
    close: () => database.close(),
  }
}

/** skill-map's own ledger of the database's shape, which its other programs read. */
const noteShape = (database: Database, world: World): void =>
  void database.run(
    "INSERT OR IGNORE INTO config_schema_versions VALUES ('kernel', 'kernel', 1, 'scan tables', ?)",
    world.now(),
  )
