import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '@tenon/database'
import {
  backUpMap,
  dumpMap,
  mapMigrations,
  migrateMap,
  openMapStore,
  planReset,
  resetMap,
  restoreMap,
  scanJson,
  shapeStatus,
} from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { describe, expect, test } from 'vitest'
import { referenceDatabase } from './reference-database.ts'
import { largeScan, nodeAt, scanWith } from './synthetic-scan.ts'

const world = simulatedWorld(1)
const code = (wanted: string, words = '') =>
  expect.objectContaining({ code: wanted, message: expect.stringContaining(words) })

function mapAt(path: string, scan = largeScan(3)): string {
  const store = openMapStore(path, world)
  store.persist(scan)
  store.close()
  return path
}

const newMap = (scan = largeScan(3)): string => mapAt(join(temporaryFolder(), '.skill-map/skill-map.db'), scan)

function scanIn(path: string): string {
  const store = openMapStore(path, world)
  const read = store.readScan()
  store.close()
  return read === undefined ? '' : scanJson(read)
}

function sqlOn<T>(path: string, work: (database: DatabaseSync) => T): T {
  using database = new DatabaseSync(path)
  return work(database)
}

/** What lies in a folder, but for what SQLite leaves beside a database that was only read. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => !/-(wal|shm)$/.test(name))
    .toSorted()

describe('a backup', () => {
  test('is a whole copy among the backups, while the map is open and written', async () => {
    const path = newMap()
    const store = openMapStore(path, world)
    store.persist(largeScan(4))
    const copy = await backUpMap(path, world)
    expect(copy).toBe(join(path, '../backups/2026-01-01T00-00-00-000Z.db'))
    store.persist(largeScan(5))
    store.close()
    expect(scanIn(copy)).toBe(scanJson(largeScan(4).result))
  })

  test('goes where it is told to, but over nothing', async () => {
    const path = newMap()
    const to = join(path, '../elsewhere/copy.db')
    expect(await backUpMap(path, world, to)).toBe(to)
    const before = readFileSync(to)
    await expect(backUpMap(path, world, to)).rejects.toThrow(code('DATA_FOLDER_UNWRITABLE', 'exists already'))
    expect(readFileSync(to).equals(before)).toBe(true)
  })

  test('needs a map', async () => {
    const path = join(temporaryFolder(), 'none.db')
    await expect(backUpMap(path, world)).rejects.toThrow(code('SCAN_UNKNOWN', path))
    expect(existsSync(path)).toBe(false)
  })
})

describe('restoring', () => {
  test('brings back what the copy holds, also where a log of the present one lies', async () => {
    const path = newMap()
    const copy = await backUpMap(path, world)
    const killed = openMapStore(path, world)
    killed.persist(largeScan(9))
    const log = readFileSync(`${path}-wal`)
    killed.close()
    writeFileSync(`${path}-wal`, log)
    await restoreMap(copy, path, { world })
    expect(scanIn(path)).toBe(scanJson(largeScan(3).result))
    expect(readdirSync(join(path, '..')).toSorted()).toEqual(['backups', 'skill-map.db'])
  })

  test('replaces a database that is damaged, and makes one that is not there', async () => {
    const path = newMap()
    const copy = await backUpMap(path, world)
    writeFileSync(path, 'no database at all '.repeat(500))
    await restoreMap(copy, path, { world })
    expect(scanIn(path)).toBe(scanJson(largeScan(3).result))
    const other = join(temporaryFolder(), 'new/map.db')
    await restoreMap(copy, other, { world })
    expect(scanIn(other)).toBe(scanJson(largeScan(3).result))
  })

  test('brings an earlier copy to the newest shape, and takes over one of skill-map itself', async () => {
    const folder = temporaryFolder()
    openDatabase(join(folder, 'old.db'), { migrations: mapMigrations.slice(0, 1), world }).close()
    referenceDatabase(join(folder, 'reference.db'))
    for (const name of ['old.db', 'reference.db']) {
      const path = join(folder, `of-${name}`)
      await restoreMap(join(folder, name), path, { world })
      expect(shapeStatus(path).every(({ applied }) => applied)).toBe(true)
    }
    expect(filesIn(folder)).toEqual(['of-old.db', 'of-reference.db', 'old.db', 'reference.db'])
  })

  test('is refused while somebody has the map open, and leaves it as it is', async () => {
    const path = newMap()
    const copy = await backUpMap(path, world)
    const store = openMapStore(path, world)
    store.persist(largeScan(7))
    await expect(restoreMap(copy, path, { world })).rejects.toThrow(code('DATA_FOLDER_OWNED', path))
    expect(store.readScan()).toEqual(largeScan(7).result)
    store.close()
    expect(readdirSync(join(path, '..')).toSorted()).toEqual(['backups', 'skill-map.db'])
  })

  test('of what is no map, or none that is whole, changes nothing', async () => {
    const path = newMap()
    const before = readFileSync(path)
    const folder = temporaryFolder()
    const other = join(folder, 'other.db')
    sqlOn(other, (database) => database.exec('CREATE TABLE theirs (x)'))
    const broken = join(folder, 'broken.db')
    writeFileSync(broken, readFileSync(newMap(largeScan(500))).fill(0xff, 8_000, 60_000))
    await expect(restoreMap(other, path, { world })).rejects.toThrow(code('DATA_FOLDER_FORMAT', 'no table scan_nodes'))
    await expect(restoreMap(broken, path, { world })).rejects.toThrow(code('DATA_FOLDER_CORRUPT', broken))
    await expect(restoreMap(join(folder, 'none.db'), path, { world })).rejects.toThrow(code('SCAN_UNKNOWN'))
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(join(path, '..'))).toEqual(['skill-map.db'])
  })

  test('is tried without a trace', async () => {
    const path = newMap()
    const folder = temporaryFolder()
    await restoreMap(path, join(folder, 'new/map.db'), { world, dryRun: true })
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a reset', () => {
  const full = (): string => {
    const path = newMap()
    sqlOn(path, (database) =>
      database.exec(`INSERT INTO state_node_favorites VALUES ('a', 1); INSERT INTO config_plugins VALUES ('p', 0, NULL, 1);
        CREATE TABLE plugin_p_items (x); INSERT INTO plugin_p_items VALUES (1)`),
    )
    return path
  }
  const count = (path: string, table: string) =>
    sqlOn(path, (database) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'])

  test('empties what can be made anew, and only that', () => {
    const path = full()
    expect(resetMap(path, 'scan', world)).toContainEqual({ table: 'scan_nodes', rows: 3 })
    expect(scanIn(path)).toBe('')
    const kept = ['state_node_favorites', 'config_plugins', 'plugin_p_items'].map((table) => count(path, table))
    expect(kept).toEqual([1, 1, 1])
  })

  test('empties state and what plugins keep when it is told to, but no configuration', () => {
    const path = full()
    const plan = planReset(path, 'state')
    expect(count(path, 'scan_nodes')).toBe(3)
    expect(resetMap(path, 'state', world)).toEqual(plan)
    expect(plan).toContainEqual({ table: 'plugin_p_items', rows: 1 })
    expect(scanIn(path)).toBe('')
    const left = ['state_node_favorites', 'config_plugins', 'plugin_p_items'].map((table) => count(path, table))
    expect(left).toEqual([0, 1, 0])
  })

  test('removes the file when it is told to, damaged as it may be, unless somebody has it open', () => {
    const path = full()
    const store = openMapStore(path, world)
    expect(() => resetMap(path, 'hard', world)).toThrow(code('DATA_FOLDER_OWNED', path))
    store.close()
    writeFileSync(path, 'no database at all '.repeat(500))
    resetMap(path, 'hard', world)
    expect(readdirSync(join(path, '..'))).toEqual([])
  })

  test('needs a map', () => {
    expect(() => resetMap(join(temporaryFolder(), 'none.db'), 'scan', world)).toThrow(code('SCAN_UNKNOWN'))
  })
})

describe('a dump', () => {
  const strange = `INSERT INTO config_preferences VALUES ('q''uote
    and line', 'a' || char(0) || 'b', 9007199254740991);
    CREATE TABLE plugin_p_values (a, "odd ""name"); CREATE INDEX plugin_p_ix ON plugin_p_values (a);
    INSERT INTO plugin_p_values VALUES (1.5, x'00ff'), (NULL, 1e300), (0.1, -5e-324), ('é', '')`

  const everything = (path: string) =>
    sqlOn(path, (database) => {
      const tables = database
        .prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY name")
        .all()
      const rows = tables
        .filter(({ sql }) => String(sql).startsWith('CREATE TABLE'))
        .map(({ name }) => database.prepare(`SELECT * FROM "${String(name)}"`).all())
      const counters = database.prepare('SELECT * FROM sqlite_sequence ORDER BY name').all()
      return { tables, rows, counters, version: database.prepare('PRAGMA user_version').get() }
    })

  test('makes the same database again', () => {
    const path = newMap()
    sqlOn(path, (database) => database.exec(strange))
    const again = join(temporaryFolder(), 'again.db')
    sqlOn(again, (database) => database.exec([...dumpMap(path)].join('\n')))
    expect(everything(again)).toEqual(everything(path))
    expect(scanIn(again)).toBe(scanJson(largeScan(3).result))
  })

  test('holds only the tables that are asked for, which there must be', () => {
    const path = newMap(scanWith({ nodes: [nodeAt('a.md')] }))
    const sql = [...dumpMap(path, ['scan_nodes'])].join('\n')
    expect(sql).toContain('INSERT INTO "scan_nodes"')
    expect(sql).not.toContain('scan_links')
    expect(() => [...dumpMap(path, ['scan_nodes', 'nope', 'sqlite_schema'])]).toThrow(
      code('INPUT_INVALID', 'there is no table nope; there is no table sqlite_schema'),
    )
  })
})

describe('a migration', () => {
  const old = (): string => {
    const path = join(temporaryFolder(), 'map.db')
    openDatabase(path, { migrations: mapMigrations.slice(0, 1), world }).close()
    return path
  }

  test('is told step by step, tried, and done', () => {
    const path = old()
    const missing = [
      { version: 2, description: 'state and configuration tables', applied: false },
      { version: 3, description: 'table of known folders', applied: false },
      { version: 4, description: 'looks of known files with their folders', applied: false },
    ]
    expect(shapeStatus(path)).toEqual([{ version: 1, description: 'scan tables', applied: true }, ...missing])
    expect(migrateMap(path, world, { dryRun: true })).toEqual(missing)
    expect(migrateMap(path, world, { to: 1 })).toEqual([])
    expect(filesIn(join(path, '..'))).toEqual(['map.db'])
    expect(migrateMap(path, world)).toEqual(missing)
    expect(migrateMap(path, world)).toEqual([])
    expect(existsSync(join(path, '../backups/skill-map-pre-migrate-v4.db'))).toBe(true)
  })

  test('makes no copy when none is wanted', () => {
    const path = old()
    migrateMap(path, world, { backup: false })
    expect(shapeStatus(path).every(({ applied }) => applied)).toBe(true)
    expect(existsSync(join(path, '../backups'))).toBe(false)
  })

  test('takes a database of skill-map to an earlier version, and on from there', () => {
    const path = join(temporaryFolder(), 'map.db')
    referenceDatabase(path)
    expect(shapeStatus(path).map(({ applied }) => applied)).toEqual([false, false, false, false])
    migrateMap(path, world)
    expect(shapeStatus(path).map(({ applied }) => applied)).toEqual([true, true, true, true])
  })

  test.each([
    [1, 'is of version 4, and there is no way back to 1'],
    [0, 'no way back to 0'],
    [5, 'cannot be of version 5'],
    [1.5, 'no way back to 1.5'],
  ])('goes neither back nor beyond: %s', (to, words) => {
    const path = newMap()
    expect(() => migrateMap(path, world, { to })).toThrow(code('MIGRATION_FAILED', words))
  })
})
