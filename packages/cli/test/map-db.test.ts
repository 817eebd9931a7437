import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '@tenon/database'
import { mapMigrations } from '@tenon/map'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { tenonIn as spawnedIn } from '../../../cases/harness/tenon.ts'
import { tenonIn, type Ended, type Surroundings } from './in-process.ts'

type Project = { home: string; db: string; sm(words: string, more?: Surroundings): Promise<Ended> }

/** A project with one node that was scanned, and a favorite. */
async function scanned(): Promise<Project> {
  const project = unscanned()
  writeFileSync(join(project.home, 'one.md'), '---\nname: one\ndescription: First\n---\n')
  expect((await project.sm('scan')).code).toBe(0)
  sqlOn(project.db, "INSERT INTO state_node_favorites VALUES ('one.md', 1)")
  return project
}

function unscanned(): Project {
  const home = temporaryFolder()
  const tenon = tenonIn(home)
  const sm = (words: string, more: Surroundings = {}) => tenon(words.split(' '), { ...more, binary: 'sm' })
  return { home, db: join(home, '.skill-map/skill-map.db'), sm }
}

function sqlOn(path: string, sql: string): object[] {
  using database = new DatabaseSync(path)
  if (!sql.startsWith('SELECT')) {
    database.exec(sql)
    return []
  }
  return database
    .prepare(sql)
    .all()
    .map((row) => ({ ...row }))
}

const paths = (db: string) => sqlOn(db, 'SELECT path FROM scan_nodes')
const favorites = (db: string) => sqlOn(db, 'SELECT node_path FROM state_node_favorites')

test.each(['backup', 'restore x.db --yes', 'reset', 'dump', 'migrate', 'shell', 'browser'])(
  'without a map there is nothing to do for db %s',
  async (words) => {
    const { sm, db } = unscanned()
    const { code, stderr } = await sm(`db ${words}`)
    expect([code, stderr]).toEqual([2, expect.stringContaining('error SCAN_UNKNOWN: there is no map at')])
    expect(existsSync(db)).toBe(false)
  },
)

describe('a backup', () => {
  test('is told, and put back when that is asked for twice', async () => {
    const { sm, db, home } = await scanned()
    const { path } = (await sm('db backup --json')).json()
    expect(path).toMatch(/\.skill-map\/backups\/\d{4}-\d\d-\d\dT[\d-]+Z\.db$/)
    const named = await sm('db backup --out copies/one.db')
    expect([named.code, named.stdout]).toEqual([0, `copied to ${join(home, 'copies/one.db')}\n`])
    sqlOn(db, 'DELETE FROM scan_nodes')
    const refused = await sm(`db restore ${path}`)
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--yes is not given')])
    const dry = await sm(`db restore ${path} -n`)
    expect([dry.code, paths(db)]).toEqual([0, []])
    const restored = (await sm('db restore copies/one.db --yes --json')).json()
    expect(restored).toMatchObject({ from: join(home, 'copies/one.db'), to: db, dryRun: false })
    expect(paths(db)).toEqual([{ path: 'one.md' }])
  })
})

describe('a reset', () => {
  test('empties the scan without asking, and tells what it would empty', async () => {
    const { sm, db } = await scanned()
    const dry = (await sm('db reset -n --json')).json()
    expect(dry).toMatchObject({ zone: 'scan', dryRun: true })
    expect(dry.tables).toContainEqual({ table: 'scan_nodes', rows: 1 })
    expect(paths(db)).toHaveLength(1)
    const done = await sm('db reset')
    expect([done.code, done.stdout]).toEqual([0, expect.stringMatching(/^scan_nodes +1$/m)])
    expect([paths(db), favorites(db)]).toEqual([[], [{ node_path: 'one.md' }]])
  })

  test('of state asks the person at the terminal', async () => {
    const { sm, db } = await scanned()
    const asked: string[] = []
    const no = await sm('db reset --state', { answer: '', asked })
    expect([no.code, no.stderr, favorites(db).length]).toEqual([2, expect.stringContaining('nothing was changed'), 1])
    expect((await sm('db reset', { answer: '', asked })).code).toBe(0)
    expect(asked).toEqual([`${db} would lose what no scan makes anew. Go on? [y/N] `])
    expect((await sm('db reset --state', { answer: 'yes' })).code).toBe(0)
    expect(favorites(db)).toEqual([])
  })

  test('of state, or of the whole file, is asked for twice', async () => {
    const { sm, db } = await scanned()
    for (const flag of ['--state', '--hard']) {
      const { code, stderr } = await sm(`db reset ${flag}`)
      expect([code, stderr]).toEqual([2, expect.stringContaining('would lose what no scan makes anew')])
      expect((await sm(`db reset ${flag} --dry-run`)).code).toBe(0)
    }
    expect((await sm('db reset --state --hard --yes')).code).toBe(2)
    expect(favorites(db)).toHaveLength(1)
    expect((await sm('db reset --state --yes')).code).toBe(0)
    expect([paths(db), favorites(db)]).toEqual([[], []])
    expect((await sm('db reset --hard --yes')).stdout).toBe(`${db} is removed\n`)
    expect(existsSync(db)).toBe(false)
  })
})

test('a dump is SQL that makes the database again, printed as it is', async () => {
  const { sm, db } = await scanned()
  const strange = ['a\u0000b', "a'\u001b[31m\r\n", 'b\u202e', "é'\n\t"]
  using database = new DatabaseSync(db)
  for (const key of strange) database.prepare('INSERT INTO config_preferences VALUES (?, ?, 1)').run(key, '1')
  const { code, stdout, stderr } = await sm('db dump')
  expect([code, stderr]).toEqual([0, ''])
  const again = join(temporaryFolder(), 'again.db')
  sqlOn(again, stdout)
  expect(sqlOn(again, 'SELECT key FROM config_preferences ORDER BY key')).toEqual(strange.map((key) => ({ key })))
  expect(paths(again)).toEqual([{ path: 'one.md' }])
  const some = await sm('db dump --tables scan_nodes,scan_links --json')
  expect(some.json().sql).toContain('CREATE TABLE scan_links')
  expect(some.json().sql).not.toContain('config_preferences')
  expect((await sm('db dump --tables nothing')).stderr).toContain('there is no table nothing')
})

describe('a migration', () => {
  const plugin = (home: string, id: string, sql: string): void => {
    const folder = join(home, '.skill-map/plugins', id)
    mkdirSync(folder, { recursive: true })
    const storage = { mode: 'dedicated', tables: ['items'], migrations: ['./001_items.sql'] }
    const manifest = { id, version: '1.0.0', specCompat: '*', extensions: ['x.mjs'], storage }
    writeFileSync(join(folder, 'plugin.json'), JSON.stringify(manifest))
    writeFileSync(join(folder, 'x.mjs'), '')
    writeFileSync(join(folder, '001_items.sql'), sql)
  }

  test('of an earlier database is told, tried and done, after a backup unless none is wanted', async () => {
    const { sm, db, home } = unscanned()
    mkdirSync(join(home, '.skill-map'))
    const old = () => openDatabase(db, { migrations: mapMigrations.slice(0, 1), world: wallWorld() }).close()
    old()
    const applied = async (words: string) =>
      (await sm(`db migrate --json${words}`))
        .json()
        .steps.map((step: { version: number; applied: boolean }) => [step.version, step.applied])
    expect(await applied(' --status')).toEqual([
      [1, true],
      [2, false],
      [3, false],
      [4, false],
    ])
    expect(await applied(' -n')).toEqual([
      [2, false],
      [3, false],
      [4, false],
    ])
    expect(await applied(' --to 1')).toEqual([])
    expect(await applied('')).toEqual([
      [2, true],
      [3, true],
      [4, true],
    ])
    expect((await sm('db migrate')).stdout).toBe('nothing is missing\n')
    expect(readdirSync(join(home, '.skill-map/backups'))).toEqual(['skill-map-pre-migrate-v4.db'])
    expect((await sm('db migrate --to 1')).stderr).toContain('there is no way back to 1')
    await sm('db reset --hard --yes')
    old()
    await sm('db migrate --no-backup')
    expect(readdirSync(join(home, '.skill-map/backups'))).toHaveLength(1)
  })

  test('is left to whoever asks for it, where the settings say so', async () => {
    const { sm, db, home } = unscanned()
    mkdirSync(join(home, '.skill-map'))
    openDatabase(db, { migrations: mapMigrations.slice(0, 1), world: wallWorld() }).close()
    writeFileSync(join(home, '.skill-map/settings.json'), '{ "schemaVersion": 1, "autoMigrate": false }')
    for (const verb of [
      'scan',
      'history',
      'history stats',
      'orphans reconcile a --to b',
      'plugins disable core/markdown',
    ]) {
      const { code, stderr } = await sm(verb)
      expect([verb, code, stderr]).toEqual([verb, 2, expect.stringContaining('error DATA_FOLDER_FORMAT')])
      expect(stderr).toContain('sm db migrate')
    }
    expect((await sm('db migrate')).code).toBe(0)
    expect((await sm('scan')).code).toBe(0)
  })

  test('makes the tables of plugins, of which one that fails stops no other', async () => {
    const { sm, db, home } = await scanned()
    plugin(home, 'bad', 'CREATE TABLE items (x REFERENCES "scan" (y)); DELETE FROM scan_nodes')
    plugin(home, 'good', 'CREATE TABLE items (x)')
    const own = await sm('db migrate --kernel-only --json')
    expect(own.json()).toMatchObject({ steps: [], failures: [] })
    const done = await sm('db migrate')
    expect([done.code, done.stdout]).toEqual([1, expect.stringMatching(/^good +1 +items +done$/m)])
    expect(done.stdout).toContain('plugin bad: the migrations of bad cannot be used: 001_items.sql:1 scan_nodes is')
    expect(sqlOn(db, 'SELECT x FROM plugin_good_items')).toEqual([])
    expect(paths(db)).toHaveLength(1)
    const status = (await sm('db migrate --plugin good --status --json')).json()
    expect(status.steps).toEqual([{ owner: 'good', version: 1, description: 'items', applied: true }])
    const unknown = await sm('db migrate --plugin none')
    expect([unknown.code, unknown.stderr]).toEqual([5, expect.stringContaining('there is no plugin none')])
  })

  test('goes through plugins of all folders by their ids, and passes those that keep no tables', async () => {
    const { sm, home } = await scanned()
    plugin(home, 'b', 'CREATE TABLE items (x)')
    plugin(home, 'c', 'CREATE TABLE items (x)')
    plugin(join(home, 'more'), 'a', 'CREATE TABLE items (x)')
    const kv = { id: 'kv', version: '1.0.0', specCompat: '*', extensions: ['x.mjs'], storage: { mode: 'kv' } }
    mkdirSync(join(home, '.skill-map/plugins/kv'))
    writeFileSync(join(home, '.skill-map/plugins/kv/plugin.json'), JSON.stringify(kv))
    writeFileSync(join(home, '.skill-map/plugins/kv/x.mjs'), '')
    const folders = '--plugin-dir .skill-map/plugins --plugin-dir more/.skill-map/plugins'
    const { steps, failures } = (await sm(`db migrate --json ${folders}`)).json()
    expect([steps.map(({ owner }: { owner: string }) => owner), failures]).toEqual([['a', 'b', 'c'], []])
  })

  test('of a plugin in what is no database says so, and is no failure of the plugin', async () => {
    const { sm, db, home } = await scanned()
    plugin(home, 'good', 'CREATE TABLE items (x)')
    writeFileSync(db, 'this is no database, but it is long enough to be taken for one\n'.repeat(4))
    const { code, stdout, stderr } = await sm('db migrate --plugin good --status')
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(db)])
  })

  test('of a plugin waits for the map’s own tables', async () => {
    const { sm, db, home } = unscanned()
    plugin(home, 'good', 'CREATE TABLE items (x)')
    openDatabase(db, { migrations: mapMigrations.slice(0, 1), world: wallWorld() }).close()
    const { code, stderr } = await sm('db migrate --plugin good')
    expect([code, stderr]).toEqual([2, expect.stringContaining('is not of the newest version itself')])
  })
})

describe('other programs', () => {
  const withProgram = (project: Project, name: string, exit = 0): Surroundings => {
    const folder = join(project.home, 'bin')
    mkdirSync(folder)
    writeFileSync(
      join(folder, name),
      `#!/bin/sh\necho "${name} $*" | tee "${join(project.home, 'called')}"\nexit ${exit}\n`,
    )
    chmodSync(join(folder, name), 0o755)
    return { env: { PATH: `${folder}:${process.env['PATH']}` } }
  }
  const called = async ({ home }: Project): Promise<string> => {
    const world = wallWorld()
    const text = () => (existsSync(join(home, 'called')) ? readFileSync(join(home, 'called'), 'utf8') : '')
    while (!text().endsWith('\n')) await world.timer(5)
    return text()
  }

  test('open the database: the shell of SQLite, whose end is that of the command', async () => {
    const project = await scanned()
    const { code, stdout } = await project.sm('db shell', withProgram(project, 'sqlite3', 3))
    expect([code, stdout]).toEqual([3, `sqlite3 ${project.db}\n`])
  })

  test('have the standard streams of the command for their own', async () => {
    const project = await scanned()
    const { env } = withProgram(project, 'sqlite3', 4)
    const path = { PATH: env?.['PATH'] ?? '' }
    const { code, stdout } = await spawnedIn(project.home)(['map', 'db', 'shell', '-q'], { env: path })
    expect([code, stdout]).toEqual([4, `sqlite3 ${project.db}\n`])
  })

  test('that a signal ends, or that cannot be started, end the command with 2', async () => {
    const project = await scanned()
    const program = withProgram(project, 'sqlite3')
    writeFileSync(join(project.home, 'bin/sqlite3'), '#!/bin/sh\nkill -KILL $$\n')
    expect((await project.sm('db shell', program)).code).toBe(2)
    chmodSync(join(project.home, 'bin/sqlite3'), 0o644)
    const { code, stderr } = await project.sm('db shell', { env: { PATH: join(project.home, 'bin') } })
    expect([code, stderr]).toEqual([2, expect.stringContaining('EACCES')])
  })

  test('open the database: its browser, for reading unless told otherwise', async () => {
    const project = await scanned()
    const program = withProgram(project, 'sqlitebrowser')
    const opened = await project.sm('db browser', program)
    expect([opened.code, opened.stdout]).toEqual([0, `opened ${project.db} for reading\n`])
    expect(await called(project)).toBe(`sqlitebrowser --read-only ${project.db}\n`)
    writeFileSync(join(project.home, 'called'), '')
    const copy = join(project.home, 'copy.db')
    await project.sm(`db backup --out ${copy}`)
    await project.sm('db browser copy.db --rw', program)
    expect(await called(project)).toBe(`sqlitebrowser ${copy}\n`)
  })

  test.each(['shell', 'browser'])('are named with what brings them where they are not: %s', async (verb) => {
    const { sm } = await scanned()
    const { code, stderr } = await sm(`db ${verb}`, { env: { PATH: '/nowhere' } })
    expect([code, stderr]).toEqual([2, expect.stringMatching(/there is no program sqlite.*\nhint: Install .*sqlite/)])
  })
})

describe('the history', () => {
  const DAY = 24 * 3_600_000
  const full = async (): Promise<Project> => {
    const project = await scanned()
    const row = (id: string, status: string, at: number, more: string) =>
      `('${id}', 'action', 'p/act', '1.0.0', '["one.md"]', '${status}', ${at}, ${at}, ${more})`
    sqlOn(
      project.db,
      `INSERT INTO state_executions (id, kind, extension_id, extension_version, node_ids_json, status, started_at, finished_at, duration_ms, tokens_in, tokens_out) VALUES
        ${row('e-1', 'completed', Date.now() - 9 * DAY, '5, 10, 1')}, ${row('e-2', 'failed', Date.now() - DAY, 'NULL, NULL, NULL')}`,
    )
    return project
  }

  test('is empty at first', async () => {
    const { sm } = await scanned()
    expect((await sm('history')).stdout).toBe('nothing\n')
    expect((await sm('history --json')).json()).toEqual([])
    expect((await sm('history stats')).stdout).toBe('0 executions, 0 failed (0.0 %), 0 tokens in, 0 out\n')
  })

  test('is listed the newest first, and filtered', async () => {
    const { sm } = await full()
    const ids = async (words: string) =>
      (await sm(`history ${words} --json`)).json().map(({ id }: { id: string }) => id)
    expect(await ids('--limit 9')).toEqual(['e-2', 'e-1'])
    expect(await ids('--since 7d')).toEqual(['e-2'])
    expect(await ids('--until 7d')).toEqual(['e-1'])
    expect(await ids('--since 2000-01-01 --until 2000-01-02T00:00:00Z')).toEqual([])
    expect(await ids('-n one.md --action p/act --status failed,cancelled')).toEqual(['e-2'])
    expect(await ids('-n two.md')).toEqual([])
    expect(await ids('--limit 1')).toEqual(['e-2'])
    expect((await sm('history')).stdout).toMatch(/^\S+Z +p\/act +completed +5 ms +one\.md$/m)
  })

  test('is summed up', async () => {
    const { sm } = await full()
    const stats = (await sm('history stats --period day --top 1 --since 30d --json')).json()
    expect(stats).toMatchObject({
      schemaVersion: 1,
      range: { since: expect.stringMatching(/Z$/), until: expect.stringMatching(/Z$/) },
      totals: { executionsCount: 2, failedCount: 1, tokensIn: 10 },
      topNodes: [{ nodePath: 'one.md', executionsCount: 2 }],
      errorRates: { global: 0.5 },
      elapsedMs: expect.any(Number),
    })
    expect(stats.executionsPerPeriod).toHaveLength(2)
    const { stdout } = await sm('history stats')
    expect(stdout).toMatch(/^2 executions, 1 failed \(50\.0 %\), 10 tokens in, 1 out\n/)
    expect(stdout).toMatch(/^p\/act@1\.0\.0 +2 +10 +1 +5 ms$/m)
    expect((await sm('history stats --since 7d')).stdout).toMatch(/^p\/act@1\.0\.0 +1 +0 +0$/m)
  })

  test.each([
    ['history --since yesterday', '"yesterday" is no moment'],
    ['history --until 2026-13-01', '"2026-13-01" is no moment'],
    ['history --status done,failed', 'no execution ends as "done"'],
    ['history --limit 0', '--limit 0'],
    ['history stats --top 1.5', '--top 1.5'],
  ])('takes no nonsense: %s', async (words, message) => {
    const { sm } = await scanned()
    const { code, stderr } = await sm(words)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})
