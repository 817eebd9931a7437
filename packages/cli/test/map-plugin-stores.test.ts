import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn } from './in-process.ts'

const DEDICATED = { mode: 'dedicated', tables: ['items'], migrations: ['001_items.sql'], schemas: { items: 's.json' } }

/** A project of two nodes and a plugin that keeps things, whose extractor does this with `store`, and mentions what it returns. */
function project(storage: object | undefined, work: string, files: Record<string, string> = {}) {
  const [home, folder] = [temporaryFolder(), temporaryFolder()]
  const plugin = '.skill-map/plugins/keeper'
  const manifest = { id: 'keeper', version: '1.0.0', specCompat: '*', extensions: ['x.mjs'], storage }
  const extractor = `export default {
    id: 'keeper', kind: 'extractor', version: '1.0.0', emitsLinkKinds: ['mentions'], defaultConfidence: 'low',
    async extract({ node, store, emitLink }) {
      const told = await (async () => { ${work} })()
      if (told !== undefined) emitLink({ kind: 'mentions', target: String(told) })
    },
  }`
  const all = {
    ...{
      'a.md': 'a',
      'b.md': 'b',
      [`${plugin}/plugin.json`]: JSON.stringify(manifest),
      [`${plugin}/x.mjs`]: extractor,
    },
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`${plugin}/${path}`, text])),
  }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const env = { HOME: home, TENON_HOME: join(home, 'tenon') }
  const db = join(folder, '.skill-map/skill-map.db')
  return {
    rows: (sql: string): object[] => {
      using database = new DatabaseSync(db)
      return database
        .prepare(sql)
        .all()
        .map((row) => ({ ...row }))
    },
    db,
    sm: (...words: string[]) => tenonIn(folder)(words, { binary: 'sm', env }),
    scan: async (...flags: string[]) => {
      const done = await tenonIn(folder)(['scan', '--json', '--no-tokens', ...flags], { binary: 'sm', env })
      const links = done.json().links as { target: string; sources: string[] }[]
      const told = links.filter(({ sources }) => sources.includes('keeper')).map(({ target }) => target)
      return { told, stderr: done.stderr }
    },
  }
}

const WAYS: [where: string, flags: string[]][] = [
  ['contained', []],
  ['in the process of sm', ['--trust', 'keeper']],
]

const FILES = {
  '001_items.sql': 'CREATE TABLE items (id TEXT PRIMARY KEY, n INTEGER)',
  's.json': '{"required":["id"]}',
}

describe.each(WAYS)('the store of a plugin, %s,', (_, flags) => {
  test('keeps keys from scan to scan, of a node and of the map', async () => {
    const work = `const before = (await store.get('n')) ?? 0
      await store.set('n', before + 1)
      await store.set('seen', [before], { nodePath: node.path })
      const refused = await store.set('', 1).catch(({ name }) => name)
      const all = await store.list({ nodePath: node.path })
      return [before, refused, all.length, await store.delete('none')].join(' ')`
    const { scan, rows, sm } = project({ mode: 'kv' }, work)
    expect((await scan(...flags)).told).toEqual(['0 KvKeyInvalidError 1 false', '1 KvKeyInvalidError 1 false'])
    expect((await sm('refresh', 'a.md')).code).toBe(0)
    expect(rows("SELECT value_json FROM state_plugin_kvs WHERE key = 'n'")).toEqual([{ value_json: '3' }])
    await sm('db', 'reset', '--state', '--yes')
    await scan(...flags)
    expect((await scan(...flags)).told).toEqual(['2 KvKeyInvalidError 1 false', '3 KvKeyInvalidError 1 false'])
    expect(rows('SELECT plugin_id, node_id, key, value_json FROM state_plugin_kvs ORDER BY node_id')).toEqual([
      { plugin_id: 'keeper', node_id: '', key: 'n', value_json: '4' },
      { plugin_id: 'keeper', node_id: 'a.md', key: 'seen', value_json: '[2]' },
      { plugin_id: 'keeper', node_id: 'b.md', key: 'seen', value_json: '[3]' },
    ])
  })

  test('keeps rows in tables that are made at the first need, and nothing else is in reach', async () => {
    const work = `const { db } = store
      await store.write('items', { id: node.path, n: 1 })
      await db.transaction(async (tx) => {
        await tx.run('UPDATE plugin_keeper_items SET n = n + 1 WHERE id = ?', node.path)
        if ((await tx.get('SELECT n FROM plugin_keeper_items WHERE id = ?', node.path)).n !== 2) throw new Error('no')
      })
      const undone = await db.transaction(async (tx) => {
        await tx.run('DELETE FROM plugin_keeper_items')
        throw new Error('undone')
      }).catch(({ message }) => message)
      const nested = await db.transaction(() => db.all('SELECT 1')).catch(({ name }) => name)
      const denied = await db.all('SELECT * FROM state_plugin_kvs').catch(({ name }) => name)
      const unfit = await store.write('items', { n: 1 }).catch(({ message }) => /does not fit/.test(message))
      return [undone, nested, denied, unfit, (await db.all('SELECT x\\'00\\' AS b'))[0].b].join(' ')`
    const { scan, rows } = project(DEDICATED, work, FILES)
    const told = 'undone ScopedDbViolationError ScopedDbViolationError true AA=='
    expect((await scan(...flags)).told).toEqual([told, told])
    expect(rows('SELECT id, n FROM plugin_keeper_items ORDER BY id')).toEqual([
      { id: 'a.md', n: 2 },
      { id: 'b.md', n: 2 },
    ])
  })

  test('is there only where it is declared', async () => {
    const { scan } = project(undefined, 'return typeof store', FILES)
    expect((await scan(...flags)).told).toEqual(['undefined', 'undefined'])
  })

  test('left with an open transaction does not keep the scan from being kept', async () => {
    const work =
      "void store.db.transaction((tx) => tx.run('DELETE FROM plugin_keeper_items').then(() => new Promise(() => {}))).catch(() => {})"
    const { scan, rows } = project(DEDICATED, work, FILES)
    await scan(...flags)
    expect(rows('SELECT path FROM scan_nodes')).toHaveLength(2)
  })
})

test('a dry scan lets plugins see what is kept, and keeps nothing', async () => {
  const { scan, rows, db } = project(
    { mode: 'kv' },
    "await store.set('n', ((await store.get('n')) ?? 0) + 1); return store.get('n')",
  )
  const scratch = () => readdirSync(tmpdir()).filter((name) => name.startsWith('tenon-map-'))
  const before = scratch()
  expect((await scan('--dry-run')).told).toEqual(['1', '2'])
  expect(existsSync(db)).toBe(false)
  await scan()
  expect((await scan('--dry-run')).told).toEqual(['3', '4'])
  expect(rows('SELECT value_json FROM state_plugin_kvs')).toEqual([{ value_json: '2' }])
  expect(scratch()).toEqual(before)
})

test('a plugin whose tables cannot be made is not loaded, and the scan goes on', async () => {
  const { scan, rows } = project(DEDICATED, '', {
    ...FILES,
    '001_items.sql': 'CREATE TABLE items (x); DROP TABLE scan_nodes',
  })
  const { stderr } = await scan()
  expect(stderr).toMatch(
    /plugin keeper: load-error — the migrations of keeper cannot be used: 001_items\.sql:1 scan_nodes is/,
  )
  expect(rows('SELECT path FROM scan_nodes')).toHaveLength(2)
})
