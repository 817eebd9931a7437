import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { tenonIn, type Parsed } from './in-process.ts'
import { mapHost, type MapHost } from './map-host.ts'
import { market, stepper, type Market } from './market.ts'

function write(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

const FILES = { 'a.md': 'a', 'b.md': 'b' }

type Extractor = { spec?: object; runtime?: object; files?: Record<string, string> }

/** Publishes a plugin whose extractor does this with `node`, `settings` and `store`, and mentions what it returns. */
const publish = (
  { publish: publishes }: Market,
  id: string,
  work: string,
  { spec, runtime, files }: Extractor = {},
): Promise<unknown> =>
  publishes({
    id,
    spec: {
      runtime: { kind: 'map', extensions: ['src/x.mjs'], ...runtime },
      ...{ operations: [], engines: { 'skill-map': '^0.19.0' } },
      ...spec,
    },
    operations: [],
    files: {
      'tests/x.ts': '',
      'src/x.mjs': `export default {
        id: '${id}', kind: 'extractor', version: '1.0.0', emitsLinkKinds: ['mentions'], defaultConfidence: 'low',
        async extract({ node, settings, store, emitLink }) {
          const told = await (async () => { ${work} })()
          if (told !== undefined) emitLink({ kind: 'mentions', target: String(told) })
        },
      }`,
      ...files,
    },
  })

/** A market in whose workspace this one plugin is installed and enabled. */
async function withPlugin(work: string, extractor: Extractor = {}, grants: readonly string[] = []): Promise<Market> {
  const given = await market()
  write(given.project, FILES)
  await publish(given, 'keeper', work, extractor)
  const step = stepper(given.tenon)
  await step('plugin', 'install', 'acme/keeper', ...grants.flatMap((grant) => ['--grant', grant]))
  await step('plugin', 'enable', 'keeper')
  return given
}

const toldIn = ({ links }: Parsed): string[] =>
  links
    .filter(({ sources }: { sources: string[] }) => sources.includes('keeper'))
    .map(({ target }: { target: string }) => target)

const pathsIn = ({ nodes }: Parsed): string[] => nodes.map(({ path }: { path: string }) => path)

const logged = ({ printed }: MapHost): string => printed.join('')

describe('a scan of a host keeps to the settings of its workspace, as sm does:', () => {
  const scanned = async (settings: object, files: Record<string, string>, ...words: string[][]) => {
    const given = await market()
    write(given.project, { ...files, '.skill-map/settings.json': JSON.stringify(settings) })
    const sm = (...argv: string[]) => given.tenon(argv, { binary: 'sm' })
    for (const argv of words) await sm(...argv)
    const host = await mapHost(given)
    const [here, there] = [await host.scan(), (await sm('scan', '--json')).json()]
    const graph = ({ nodes, links, issues }: Parsed) => ({ nodes, links, issues })
    expect(graph(here)).toEqual(graph(there))
    return { ...given, here, host }
  }

  test('roots, and what is ignored', async () => {
    const settings = { roots: ['docs', 'more'], ignore: ['skipped/'] }
    const files = { 'docs/a.md': 'a', 'docs/skipped/b.md': 'b', 'more/c.md': 'c', 'd.md': 'd' }
    const { here, host, project } = await scanned(settings, files)
    expect([pathsIn(here), here.roots]).toEqual([
      ['a.md', 'c.md'],
      [join(project, 'docs'), join(project, 'more')],
    ])
    expect(pathsIn(await host.scan({ root: project }))).toContain('d.md')
    expect(pathsIn(await host.scan())).toEqual(['a.md', 'c.md'])
  })

  test('tokens, strictness, the size of files, and what is off', async () => {
    const files = {
      '.claude/agents/bad.md': '---\ndescription: 3\n---\n',
      '.claude/agents/large.md': `---\nname: large\ndescription: Large\n---\n${'x'.repeat(300)}`,
      'a.md': 'a',
    }
    const settings = {
      scan: { tokenize: false, strict: true, maxFileSizeBytes: 300, unheard: 1 },
      plugins: { 'core/markdown': { enabled: true } },
    }
    const { here, host } = await scanned(settings, files, ['plugins', 'disable', 'core/markdown'])
    expect(pathsIn(here)).toEqual(['.claude/agents/bad.md'])
    expect(here.nodes[0].tokens).toBeUndefined()
    expect(here.issues).toContainEqual(expect.objectContaining({ severity: 'error' }))
    expect(logged(host)).toMatch(/^map warn: not taken: \S+settings\.json:1 .*unheard/m)
    expect(await host.scan({ strict: true })).toMatchObject({ code: 'CONFIG_INVALID' })
  })
})

describe('a scan of a host', () => {
  test('makes complaints errors, or leaves tokens out, when it is asked to', async () => {
    const given = await market()
    write(given.project, { '.claude/agents/bad.md': '---\ndescription: 3\n---\n' })
    const host = await mapHost(given)
    const facts = ({ nodes, issues }: Parsed) => [
      nodes[0].tokens !== undefined,
      issues.some(({ severity }: { severity: string }) => severity === 'error'),
    ]
    expect(facts(await host.scan())).toEqual([true, false])
    expect(facts(await host.scan({ strict: true }))).toEqual([true, true])
    expect(facts(await host.scan({ noTokens: true }))).toEqual([false, false])
  })

  test('keeps no empty graph in the place of another, unless it is to', async () => {
    const given = await market()
    write(given.project, FILES)
    const host = await mapHost(given)
    await host.scan()
    for (const path of Object.keys(FILES)) rmSync(join(given.project, path))
    expect(await host.scan()).toMatchObject({
      status: 409,
      code: 'SCAN_EMPTY',
      hint: expect.stringContaining('allowEmpty'),
    })
    expect(pathsIn(await host.scan({ dryRun: true }))).toEqual([])
    expect(pathsIn(await host.admin('GET', '/map/api/scan'))).toEqual(['a.md', 'b.md'])
    expect(pathsIn(await host.scan({ allowEmpty: true }))).toEqual([])
    expect(pathsIn(await host.admin('GET', '/map/api/scan'))).toEqual([])
  })

  test('of a folder that is not there is refused', async () => {
    const host = await mapHost(await market())
    expect(await host.scan({ root: '/nowhere/at/all' })).toMatchObject({
      ...{ status: 400, code: 'SCAN_FAILED' },
      detail: expect.stringContaining('/nowhere/at/all'),
    })
  })

  test('looks again only at what changed, or at everything', async () => {
    const given = await withPlugin("console.log(`looked at ${node.path}`); return 'x'")
    const host = await mapHost(given)
    const looked = async (wish: object): Promise<string[]> => {
      const before = host.printed.length
      expect(toldIn(await host.scan(wish))).toEqual(['x', 'x'])
      const lines = host.printed.slice(before).join('')
      return [...lines.matchAll(/looked at (\S+)/g)].map(([, path = '']) => path).toSorted()
    }
    const all = ['a.md', 'b.md']
    expect(await looked({})).toEqual(all)
    expect(await looked({})).toEqual([])
    write(given.project, { 'b.md': 'changed' })
    expect(await looked({})).toEqual(['b.md'])
    expect(await looked({ verify: true })).toEqual([])
    expect(await looked({ changed: false })).toEqual(all)
  })
})

describe('a map plugin of a host', () => {
  const settings = {
    usual: { type: 'integer', label: 'Usual', default: 1 },
    filed: { type: 'integer', label: 'Filed', default: 1 },
    hosted: { type: 'integer', label: 'Hosted', default: 1 },
    varied: { type: 'integer', label: 'Varied', default: 1 },
    token: { type: 'secret', label: 'Token' },
  }
  const SEES = 'return JSON.stringify(settings)'

  test('has the settings that its host keeps, over those of the map, over its own', async () => {
    const given = await withPlugin(SEES, { spec: { settings } })
    const { project, tenon } = given
    const config = { filed: 2, hosted: 2, varied: 2 }
    write(project, { '.skill-map/settings.json': JSON.stringify({ plugins: { keeper: { config } } }) })
    const host = await mapHost(given, { TENON_SETTING_KEEPER__VARIED: '4' })
    const env = { TENON_TOKEN: host.adminToken }
    const set = (...words: string[]) => tenon(['plugin', 'config', 'set', 'keeper', ...words, '--why', 'x'], { env })
    expect((await set('hosted=3', 'varied=3')).code).toBe(0)
    const seen = async () => JSON.parse(toldIn(await host.scan())[0] ?? '')
    expect(await seen()).toEqual({ usual: 1, filed: 2, hosted: 3, varied: 4 })
    write(project, { 'token.json': '{ "token": "hosted" }' })
    expect((await set('--file', 'token.json')).code).toBe(0)
    // Nothing is known of secrets when it is asked what changed.
    const anew = async () => JSON.parse(toldIn(await host.scan({ changed: false }))[0] ?? '')
    expect(await anew()).toMatchObject({ hosted: 3, token: 'hosted' })
    expect(logged(host)).not.toContain('hosted"')
  })

  test('is given a secret that sm sealed, and none that does not open', async () => {
    const given = await withPlugin(SEES, { spec: { settings } })
    const folder = join(given.project, '.skill-map/plugins/keeper')
    const manifest = { id: 'keeper', version: '1.0.0', specCompat: '*', extensions: ['x.mjs'], settings }
    write(folder, { 'plugin.json': JSON.stringify(manifest), 'x.mjs': 'export default {}' })
    const words = ['plugins', 'config', 'keeper', 'token', '-']
    expect((await given.tenon(words, { binary: 'sm', input: 'hunter2' })).code).toBe(0)
    rmSync(folder, { recursive: true })
    const host = await mapHost(given)
    expect(JSON.parse(toldIn(await host.scan())[0] ?? '')).toMatchObject({ token: 'hunter2' })
    write(given.project, {
      '.skill-map/settings.local.json': JSON.stringify({
        plugins: { keeper: { config: { token: { sealed: 'AAAA' } } } },
      }),
    })
    expect(JSON.parse(toldIn(await host.scan({ changed: false }))[0] ?? '')).not.toHaveProperty('token')
    expect(logged(host)).toMatch(/^keeper warn: no key of this machine opens the secret "token" of keeper/m)
    expect(logged(host)).not.toContain('hunter2')
  })

  test.each([
    ['the map', { plugins: { keeper: { config: { typo: 1 } } } }, {}, /^keeper warn: there is no setting "typo"$/m],
    ['the host', {}, { TENON_SETTING_KEEPER__FILED: '"x"' }, /^keeper warn: takes no part in the scan: keeper: filed/m],
  ])('takes no part when what %s sets does not fit, and that is told', async (_, document, env, told) => {
    const given = await withPlugin(SEES, { spec: { settings } })
    write(given.project, { '.skill-map/settings.json': JSON.stringify(document) })
    const host = await mapHost(given, env)
    const done = await host.scan()
    expect([pathsIn(done), toldIn(done)]).toEqual([['a.md', 'b.md'], []])
    expect(logged(host)).toMatch(told)
  })

  test('that the settings switch off is not even started', async () => {
    const given = await withPlugin("return 'x'")
    write(given.project, { '.skill-map/settings.json': '{ "plugins": { "keeper": { "enabled": false } } }' })
    const host = await mapHost(given)
    expect(toldIn(await host.scan())).toEqual([])
    expect((await host.admin('GET', '/admin/audit?target=keeper&action=plugin.start')).total).toBe(0)
    rmSync(join(given.project, '.skill-map'), { recursive: true })
    expect(toldIn(await host.scan())).toEqual(['x', 'x'])
  })
})

describe('sm scan --host', () => {
  test('scans with what is installed, whether the host runs already or not', async () => {
    const given = await withPlugin("return 'x'")
    const { tenon, project } = given
    const sm = (argv: string[], env = {}) => tenon(argv, { binary: 'sm', env })
    const alone = await sm(['scan', '--host', '--json'])
    expect([alone.code, toldIn(alone.json())]).toEqual([0, ['x', 'x']])
    expect(toldIn((await sm(['scan', '--json'])).json())).toEqual([])
    const host = await mapHost(given)
    const env = { TENON_TOKEN: host.adminToken }
    write(project, { 'docs/c.md': 'c' })
    const named = await sm(['scan', '--host', 'docs', '--changed', '--json'], env)
    expect([pathsIn(named.json()), named.json()]).toEqual([['c.md'], await host.admin('GET', '/map/api/scan')])
    const listed = await sm(['list', '--db', '.tenon/data/map.db', '--json'])
    expect(listed.stdout).toContain('"c.md"')
    rmSync(join(project, 'docs/c.md'))
    const emptied = await sm(['scan', '--host', 'docs'], env)
    expect([emptied.code, emptied.stderr]).toEqual([2, expect.stringContaining('SCAN_EMPTY')])
    expect((await sm(['scan', '--host', 'docs', '--allow-empty'], env)).code).toBe(0)
  })

  test.each([
    [['--no-built-ins', '--trust', 'x'], /--no-built-ins, --trust does not go with --host/],
    [['a', 'b'], /a second folder does not go with --host/],
    [['-g'], /--global does not go with --host/],
    [['--db', 'other.db'], /--db does not go with --host/],
    [['--watch'], /--host does not go with --watch/],
    [['--verify'], /--verify says how --changed looks/],
  ])('is refused with %j', async (words, told) => {
    const { code, stderr } = await tenonIn(temporaryFolder())(['scan', '--host', ...words], { binary: 'sm' })
    expect([code, stderr]).toEqual([2, expect.stringMatching(told)])
  })
})

const permissions = [{ capability: 'storage:kv', reason: 'to keep' }]

describe('what a map plugin of a host keeps', () => {
  const COUNTS = "const n = (await store.get('n')) ?? 0; await store.set('n', n + 1); return n"
  const keeping = { spec: { permissions }, runtime: { mapStorage: { mode: 'kv' } } }
  const anew = { changed: false }

  test('are keys, from scan to scan, and none of a scan that is dry; uses are in the audit ledger', async () => {
    const given = await withPlugin(COUNTS, keeping, ['storage:kv'])
    const host = await mapHost(given)
    expect(toldIn(await host.scan(anew))).toEqual(['0', '1'])
    expect(toldIn(await host.scan({ ...anew, dryRun: true }))).toEqual(['2', '3'])
    expect(toldIn(await host.scan(anew))).toEqual(['2', '3'])
    const { items } = await host.admin('GET', '/admin/audit?target=keeper&action=plugin.end')
    expect(items[0].details.uses).toEqual({ 'storage:kv': 4 })
    expect(existsSync(join(given.project, '.skill-map'))).toBe(false)
  })

  test('is nothing without the grant, which is asked for at each use', async () => {
    const given = await withPlugin(`try { ${COUNTS} } catch { return 'refused' }`, keeping)
    const host = await mapHost(given)
    expect(toldIn(await host.scan(anew))).toEqual(['refused', 'refused'])
    const refused = await host.admin('GET', '/admin/audit?target=keeper&action=capability.use')
    expect(refused.items[0]).toMatchObject({ decision: 'deny', capability: 'storage:kv', actor: 'plugin:keeper' })
    await host.admin('PUT', '/admin/plugins/keeper/grants', { capabilities: ['storage:kv'] })
    expect(toldIn(await host.scan(anew))).toEqual(['0', '1'])
  })

  const MIGRATION = { 'migrations/001_items.sql': 'CREATE TABLE items (id TEXT PRIMARY KEY, n INTEGER)' }
  const tables = {
    spec: { permissions },
    runtime: { mapStorage: { mode: 'dedicated', tables: ['items'], migrations: ['migrations/001_items.sql'] } },
  }
  const ROWS = `await store.write('items', { id: node.path, n: 1 })
    return (await store.db.get('SELECT max(n) AS n FROM plugin_keeper_items')).n`

  test('are rows of its own tables, made when it is first loaded', async () => {
    const given = await withPlugin(ROWS, { ...tables, files: MIGRATION }, ['storage:kv'])
    const host = await mapHost(given)
    expect(toldIn(await host.scan())).toEqual(['1', '1'])
    using database = new DatabaseSync(join(given.project, '.tenon/data/map.db'), { readOnly: true })
    expect(database.prepare('SELECT count(*) AS n FROM plugin_keeper_items').get()).toEqual({ n: 2 })
  })

  test('keeps it out when its tables cannot be made', async () => {
    const files = { 'migrations/001_items.sql': 'DROP TABLE scan_nodes' }
    const host = await mapHost(await withPlugin(ROWS, { ...tables, files }, ['storage:kv']))
    const done = await host.scan()
    expect([pathsIn(done), toldIn(done)]).toEqual([['a.md', 'b.md'], []])
    expect(logged(host)).toMatch(/^keeper warn: takes no part in the scan: .*001_items/m)
  })

  test('is in no table that another plugin would keep its own in', async () => {
    const given = await withPlugin(ROWS, { ...tables, files: MIGRATION }, ['storage:kv'])
    const runtime = { mapStorage: { ...tables.runtime.mapStorage, tables: ['b_items'] } }
    const files = { 'migrations/001_items.sql': 'CREATE TABLE b_items (id TEXT PRIMARY KEY)' }
    const one = { mapStorage: { ...tables.runtime.mapStorage, tables: ['items'] } }
    await publish(given, 'a', 'return undefined', { spec: { permissions }, runtime, files })
    await publish(given, 'a-b', 'return undefined', { spec: { permissions }, runtime: one, files: MIGRATION })
    const step = stepper(given.tenon)
    for (const id of ['a', 'a-b']) {
      await step('plugin', 'install', `acme/${id}`, '--grant', 'storage:kv')
      await step('plugin', 'enable', id)
    }
    const host = await mapHost(given)
    expect(toldIn(await host.scan())).toEqual(['1', '1'])
    for (const id of ['a', 'a-b'])
      expect(logged(host)).toMatch(new RegExp(`^${id} warn: takes no part .*plugin_a_b_items`, 'm'))
  })
})

test('a map plugin for another catalogue takes no part, and the log says why', async () => {
  const host = await mapHost(await withPlugin("return 'x'", { runtime: { catalogCompat: '^9.0.0' } }))
  expect(toldIn(await host.scan())).toEqual([])
  expect(logged(host)).toMatch(/^keeper warn: takes no part in the scan: catalogCompat: "\^9\.0\.0" does not allow/m)
})

test('a map plugin that is revoked while it works is ended, and not started again', async () => {
  const judge = `export default { id: 'judge', kind: 'rule', version: '1.0.0', emitsRuleIds: ['judged'],
    defaultSeverity: 'info', evaluate: () => [{ ruleId: 'judged', nodeIds: [], message: 'Judged.' }] }`
  const given = await withPlugin("console.log('at work'); await new Promise(() => setInterval(() => {}, 1000))", {
    runtime: { extensions: ['src/x.mjs', 'src/judge.mjs'] },
    files: { 'src/judge.mjs': judge },
  })
  const host = await mapHost(given)
  const scanning = host.scan()
  const world = wallWorld()
  while (!logged(host).includes('at work')) await world.timer(5)
  await host.admin('POST', '/admin/plugins/keeper/revoke', { why: 'it is bad' })
  expect((await scanning).issues.map(({ ruleId }: { ruleId: string }) => ruleId)).not.toContain('judged')
  expect((await host.admin('GET', '/admin/audit?target=keeper&action=plugin.start')).total).toBe(1)
})
