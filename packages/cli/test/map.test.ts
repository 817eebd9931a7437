import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn, type Parsed } from './in-process.ts'
import { mapHost, type MapHost } from './map-host.ts'
import { market, stepper, type Market } from './market.ts'

function agents(folder: string): void {
  mkdirSync(join(folder, '.claude/agents'), { recursive: true })
  writeFileSync(join(folder, '.claude/agents/one.md'), '---\nname: one\ndescription: First\n---\nSee [two](two.md).\n')
  writeFileSync(join(folder, '.claude/agents/two.md'), '---\nname: two\ndescription: Second\n---\nTBD\n')
}

describe('a scan', () => {
  test('keeps the graph under .skill-map, or where it is told', async () => {
    const home = temporaryFolder()
    agents(home)
    const tenon = tenonIn(home)
    const plain = await tenon(['map', 'scan'])
    expect([plain.code, plain.stderr]).toEqual([0, expect.stringMatching(/^done in \S+\n$/)])
    expect(plain.stdout).toMatch(/^2 nodes, 1 links, \d+ issues in \d+ ms\n$/)
    expect(existsSync(join(home, '.skill-map/skill-map.db'))).toBe(true)
    const json = (await tenon(['scan', '.', '--json', '--db', 'elsewhere.db'], { binary: 'sm' })).json()
    expect(json.nodes.map(({ path }: { path: string }) => path).sort()).toEqual([
      '.claude/agents/one.md',
      '.claude/agents/two.md',
    ])
    expect(json.nodes[0].tokens).toBeDefined()
    expect(existsSync(join(home, 'elsewhere.db'))).toBe(true)
  })

  test('keeps nothing when it is dry, and counts no tokens when told so', async () => {
    const home = temporaryFolder()
    agents(home)
    const tenon = tenonIn(home)
    const dry = (await tenon(['map', 'scan', '--dry-run', '--no-tokens', '--json'])).json()
    expect([dry.stats.nodesCount, dry.nodes[0].tokens]).toEqual([2, undefined])
    expect(existsSync(join(home, '.skill-map'))).toBe(false)
    const none = await tenon(['map', 'scan', '--dry-run', '--json'], { env: { SKILL_MAP_DISABLE_ALL_PROVIDERS: '1' } })
    expect(none.json().nodes).toEqual([])
  })

  test('looks into nothing that Tenon keeps', async () => {
    const home = temporaryFolder()
    agents(home)
    for (const folder of ['.tenon/store/x', '.runs/x']) {
      mkdirSync(join(home, folder), { recursive: true })
      writeFileSync(join(home, folder, 'README.md'), '# Kept\n')
    }
    const { nodes } = (await tenonIn(home)(['map', 'scan', '--dry-run', '--json'])).json()
    expect(nodes.map(({ path }: { path: string }) => path).sort()).toEqual([
      '.claude/agents/one.md',
      '.claude/agents/two.md',
    ])
  })

  test('ends with 1 when there is an error among the issues, which --strict makes of front matter', async () => {
    const home = temporaryFolder()
    mkdirSync(join(home, '.claude/agents'), { recursive: true })
    writeFileSync(join(home, '.claude/agents/bad.md'), '---\ndescription: 3\n---\n')
    const tenon = tenonIn(home)
    const lenient = await tenon(['map', 'scan', '--json'])
    const strict = await tenon(['map', 'scan', '--json', '--strict'])
    expect([lenient.code, strict.code]).toEqual([0, 1])
    const severities = (ended: typeof strict) =>
      new Set(ended.json().issues.map(({ severity }: { severity: string }) => severity))
    expect([severities(lenient).has('error'), severities(strict).has('error')]).toEqual([false, true])
  })

  test('of a folder that is not there, or into a file that is no database, fails by name', async () => {
    const home = temporaryFolder()
    agents(home)
    writeFileSync(join(home, 'noise.db'), 'this is no database at all, but long enough to be taken for one\n'.repeat(4))
    const tenon = tenonIn(home)
    const nowhere = await tenon(['map', 'scan', 'nowhere'])
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('nowhere')])
    const noise = await tenon(['map', 'scan', '--db', 'noise.db'])
    expect([noise.code, noise.stderr]).toEqual([2, expect.stringContaining('noise.db')])
    rmSync(join(home, 'noise.db'))
    expect((await tenon(['map', 'scan', '--db', 'noise.db'])).code).toBe(0)
  })
})

const RULE = (work: string) => `export default {
  id: 'judge',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['judged'],
  defaultSeverity: 'info',
  evaluate({ nodes }) { ${work} },
}
`

/** Yields one file, and says of it what its process could do. */
const WALKING = `import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
export default {
  id: 'names', kind: 'provider', version: '1.0.0', explorationDir: '.',
  kinds: { name: { schema: {}, defaultRefreshAction: 'judging/read', ui: { label: 'N', color: '#000000' } } },
  classify: () => 'name',
  *walk([root]) {
    let wrote = true
    try { writeFileSync(join(root, 'made'), '') } catch { wrote = false }
    const kept = (() => { try { return readdirSync(join(root, '.tenon')) } catch { return [] } })()
    yield { path: 'shown.txt', body: '', frontmatter: { wrote, kept } }
  },
}
`

const withRule = (work: string, more = ''): Promise<Market & MapHost> => withExtension(RULE(work) + more)

/** A host with an active plugin, whose one extension is this module, and which is granted what it asks for. */
async function withExtension(module: string, permissions: string[] = []): Promise<Market & MapHost> {
  const given = await market()
  agents(given.project)
  const runtime = { kind: 'map', extensions: ['src/judge.mjs'], granularity: 'bundle' }
  const asked = permissions.map((capability) => ({ capability, reason: 'To go through files.' }))
  await given.publish({
    id: 'judging',
    spec: { runtime, operations: [], engines: { 'skill-map': '^0.19.0' }, permissions: asked },
    operations: [],
    files: { 'src/judge.mjs': module, 'tests/judge.ts': '' },
  })
  const step = stepper(given.tenon)
  await step('plugin', 'install', 'acme/judging', ...permissions.flatMap((one) => ['--grant', one]))
  await step('plugin', 'enable', 'judging')
  return { ...given, ...(await mapHost(given)) }
}

const ISSUES =
  "console.log('judging\\nready at nowhere'); return nodes.map(({ path }) => ({ ruleId: 'judged', nodeIds: [path], message: 'Judged.' }))"

describe('a scan of what changed', () => {
  test('finds what a whole scan finds, and reads every file when it is to verify', async () => {
    const home = temporaryFolder()
    agents(home)
    const tenon = tenonIn(home)
    const graphOf = async (...flags: string[]) => {
      const { nodes, links, issues } = (await tenon(['scan', '--json', ...flags], { binary: 'sm' })).json()
      return { nodes, links, issues }
    }
    const whole = await graphOf()
    expect(await graphOf('--changed')).toEqual(whole)
    expect(await graphOf('--changed', '--verify')).toEqual(whole)
    writeFileSync(join(home, '.claude/agents/two.md'), '---\nname: two\ndescription: Second\n---\n@one\n')
    expect(await graphOf('--changed')).toEqual(await graphOf())
  })

  test.each([
    [['--changed', '--no-built-ins'], /--changed goes on from/],
    [['--verify'], /--verify says how/],
  ])('is refused with %j', async (flags, told) => {
    const { code, stderr } = await tenonIn(temporaryFolder())(['scan', ...flags], { binary: 'sm' })
    expect([code, stderr]).toEqual([2, expect.stringMatching(told)])
  })
})

test('an empty folder does not take the place of a graph, unless it is to', async () => {
  const home = temporaryFolder()
  agents(home)
  const tenon = tenonIn(home)
  await tenon(['map', 'scan'])
  rmSync(join(home, '.claude'), { recursive: true })
  const refused = await tenon(['map', 'scan'])
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('nothing was found where 2 nodes were')])
  expect((await tenon(['map', 'scan', '--dry-run'])).code).toBe(0)
  const emptied = await tenon(['map', 'scan', '--allow-empty', '--json'])
  expect([emptied.code, emptied.json().issues.map(({ ruleId }: { ruleId: string }) => ruleId)]).toEqual([
    0,
    ['contribution-orphan', 'contribution-orphan', 'orphan', 'orphan'],
  ])
  expect((await tenon(['map', 'scan', '--json'])).json().issues).toEqual([])
})

describe('extensions of an active map plugin', () => {
  test('take part in a contained worker, which the audit ledger names from start to end', async () => {
    const { admin, project, printed } = await withRule(ISSUES)
    expect(await admin('GET', '/map/api/scan')).toMatchObject({ code: 'SCAN_UNKNOWN' })
    const [one, two] = await Promise.all([admin('POST', '/map/api/scan', {}), admin('POST', '/map/api/scan', {})])
    for (const scanned of [one, two])
      expect(scanned.issues.filter(({ ruleId }: { ruleId: string }) => ruleId === 'judged')).toHaveLength(2)
    expect(one.roots).toEqual([project])
    expect(await admin('POST', '/map/api/scan', { root: '.claude' })).toMatchObject({ code: 'HTTP_INVALID' })
    expect(await admin('GET', '/map/api/scan')).toEqual(two)
    const { items } = await admin('GET', '/admin/audit?target=judging')
    const actions = items
      .map(({ action }: { action: string }) => action)
      .filter((action: string) => /start|end$/.test(action))
    expect(actions).toEqual(['plugin.end', 'plugin.start', 'plugin.end', 'plugin.start'])
    expect(printed.filter((line) => line === 'judging info: judging\n')).toHaveLength(2)
    expect(printed.join('').match(/^(judging info: )?ready at nowhere$/gm)).toEqual(
      Array(2).fill('judging info: ready at nowhere'),
    )
    await admin('POST', '/admin/plugins/judging/disable')
    const without = await admin('POST', '/map/api/scan', { root: join(project, '.claude') })
    expect(without.issues.filter(({ ruleId }: { ruleId: string }) => ruleId === 'judged')).toEqual([])
  })

  test('that walk see the workspace without what the host keeps in it, and nothing that they could change', async () => {
    const { admin, project } = await withExtension(WALKING, ['fs:read:${workspace}/**'])
    writeFileSync(join(project, 'shown.txt'), '')
    const { nodes } = await admin('POST', '/map/api/scan', {})
    expect(nodes.find(({ path }: Parsed) => path === 'shown.txt')).toMatchObject({
      ...{ provider: 'names', frontmatter: { wrote: false, kept: [] } },
    })
    expect(existsSync(join(project, '.tenon'))).toBe(true)
    const { total } = await admin('GET', '/admin/audit?target=judging&action=plugin.end')
    expect(total).toBe(2)
    const { items } = await admin('GET', '/admin/audit?target=judging&action=capability.use')
    expect(items).toMatchObject([{ decision: 'allow', capability: 'fs:read:${workspace}/**' }])
  })

  test('that walk see nothing that they are not granted to read', async () => {
    const { admin, project, printed } = await withExtension(WALKING, ['fs:read:${workspace}/docs/**'])
    mkdirSync(join(project, 'docs'))
    for (const folder of [project, join(project, 'docs')]) writeFileSync(join(folder, 'shown.txt'), '')
    const shown = async (wish: object): Promise<string[]> =>
      (await admin('POST', '/map/api/scan', wish)).nodes
        .filter(({ provider }: Parsed) => provider === 'names')
        .map(({ path }: Parsed) => path)
    expect(await shown({})).toEqual([])
    expect(printed.join('')).toContain('fs:read:${workspace}/**')
    const { items } = await admin('GET', '/admin/audit?target=judging&action=capability.use')
    expect(items).toMatchObject([{ decision: 'deny', capability: 'fs:read:${workspace}/**' }])
    expect(await shown({ root: join(project, 'docs') })).toEqual(['shown.txt'])
  })

  test('that throws is told in the log, and the others go on', async () => {
    const { admin, printed } = await withRule("throw new Error('no judgement')")
    expect((await admin('POST', '/map/api/scan', {})).nodes).toHaveLength(2)
    expect(printed.join('')).toMatch(/^judging\/judge warn: .*no judgement$/m)
  })

  test('that ends its process spoils only its own part, and the next scan starts it anew', async () => {
    const { admin } = await withRule('process.exit(3)')
    for (const ends of [1, 2]) {
      expect((await admin('POST', '/map/api/scan', {})).nodes).toHaveLength(2)
      const { total } = await admin('GET', '/admin/audit?target=judging&action=plugin.end')
      expect(total).toBe(ends)
    }
  })

  test('that cannot even be loaded take no part', async () => {
    const { admin, printed } = await withRule(ISSUES, "throw new Error('not today')\n")
    expect((await admin('POST', '/map/api/scan', {})).nodes).toHaveLength(2)
    expect(printed.join('')).toMatch(/^judging warn: takes no part in the scan: /m)
  })

  test('with a manifest that does not fit take no part, and the log says why', async () => {
    const { admin, printed } = await withRule('}, emitsRuleIds: 3, other() {')
    expect((await admin('POST', '/map/api/scan', {})).nodes).toHaveLength(2)
    expect(printed.join('')).toMatch(/^judging warn: takes no part in the scan: /m)
  })
})

test('the file of a graph can be read by others', async () => {
  const home = temporaryFolder()
  agents(home)
  await tenonIn(home)(['map', 'scan'])
  expect(readFileSync(join(home, '.skill-map/skill-map.db')).subarray(0, 15).toString()).toBe('SQLite format 3')
})
