import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import type { TSchema } from 'typebox'
import { describe, expect, test } from 'vitest'
import { validatorOf } from '@tenon/contract/schema'
import { issueSchema, linkSchema, nodeSchema, openMapStore } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { repository } from '../../../cases/harness/tenon.ts'
import { STALE } from './annotated-project.ts'
import type { Parsed } from './in-process.ts'
import { mapped, paths, smIn } from './mapped.ts'

describe('a reading verb', () => {
  const VERBS = ['list', 'show x', 'check', 'graph', 'export kind=agent']

  test.each(VERBS)('sm %s needs a map, and makes none', async (words) => {
    const home = temporaryFolder()
    const ended = await smIn(home)(words)
    expect([ended.code, ended.stdout]).toEqual([2, ''])
    expect(ended.stderr).toMatch(
      /^error SCAN_UNKNOWN: there is no map in .*skill-map\.db\nhint: Make one with: sm scan\n/,
    )
    expect((await smIn(home)(`${words} --json`)).json()).toMatchObject({ ok: false, error: { code: 'SCAN_UNKNOWN' } })
    expect(readdirSync(home)).toEqual([])
  })

  test('says the same of a database that holds no scan', async () => {
    const home = temporaryFolder()
    openMapStore(join(home, '.skill-map/skill-map.db'), simulatedWorld(1)).close()
    expect((await smIn(home)('list')).stderr).toContain('SCAN_UNKNOWN')
  })

  test('leaves no file beside the database, and gives the same bytes again', async () => {
    const { home, sm } = await mapped()
    for (const words of ['list', 'show .claude/agents/one.md', 'check', 'graph --format json', 'export has=issues']) {
      const [first, second] = [await sm(`${words} --json -q`), await sm(`${words} --json -q`)]
      expect([first.code, first.stdout, first.stderr]).toEqual([0, second.stdout, ''])
    }
    expect(readdirSync(join(home, '.skill-map'))).toEqual(['skill-map.db'])
  })

  test('prints nodes, links and issues as the specification has them', async () => {
    const { sm } = await mapped()
    const json = async (words: string): Promise<Parsed> => (await sm(`${words} --json`)).json()
    const { node, linksOut } = await json('show .claude/agents/one.md')
    const { nodes, links, issues } = await json('export has=issues')
    const checks: [TSchema, unknown[]][] = [
      [nodeSchema, [node, ...nodes, ...(await json('list'))]],
      [linkSchema, [...linksOut, ...links]],
      [issueSchema, [...issues, ...(await json('check'))]],
    ]
    for (const [schema, items] of checks) {
      expect(items.length).toBeGreaterThan(1)
      expect(items.flatMap((item) => validatorOf(schema).problems(item))).toEqual([])
    }
  })

  test('reads the database that it is told', async () => {
    const { sm } = await mapped()
    await sm('scan .claude --db other.db')
    expect(paths((await sm('list --json --db other.db')).json())).toEqual(['agents/one.md', 'agents/two.md'])
  })
})

/** One that cannot be used, and one of what its node is no longer. */
const SIDECARS = {
  '.claude/agents/one.sm': 'annotations: [',
  '.claude/agents/two.sm': STALE('.claude/agents/two.md'),
}

describe('sm list', () => {
  test('gives nodes, as many and in such an order as it is asked for', async () => {
    const { sm } = await mapped()
    const json = async (words: string): Promise<string[]> => paths((await sm(`list --json ${words}`)).json())
    expect(await json('--kind agent,skill')).toEqual(['.claude/agents/one.md', '.claude/agents/two.md'])
    expect(await json('--issue')).toEqual(['.claude/agents/one.md'])
    expect(await json('--tag hot --tag-source author')).toEqual(['.claude/agents/one.md'])
    expect(await json('--tag hot --tag-source user')).toEqual([])
    expect(await json('--sort-by links_in_count --limit 1')).toEqual(['.claude/agents/two.md'])
  })

  test('shows aligned columns in which no name moves a cursor or begins a line', async () => {
    const { sm } = await mapped()
    const lines = (await sm('list')).stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[3]).toContain('docs/a\\nb\\u{1b}[2J.md  markdown')
    expect(new Set(lines.map((line) => line.search(/KIND|agent |markdown/)))).toEqual(
      new Set([lines[0]?.indexOf('KIND')]),
    )
    expect((await sm('list --kind none')).stdout).toBe('no nodes\n')
  })

  test('tells sidecars by what became of them', async () => {
    const { sm } = await mapped({ ...SIDECARS })
    const { stdout } = await sm('list --kind agent')
    expect(stdout).toMatch(/^\.claude\/agents\/one\.md +agent .* invalid$/m)
    expect(stdout).toMatch(/^\.claude\/agents\/two\.md +agent .* stale-both$/m)
  })

  test.each([
    ['--limit 0', '--limit cannot be 0'],
    ['--limit 1.5', '--limit cannot be 1.5'],
    ['--limit=-1', '--limit cannot be -1'],
    ['--sort-by size', '--sort-by cannot be "size"'],
    ['--tag hot --tag-source boss', '--tag-source cannot be "boss"'],
    ['--tag-source user', 'a source of tags is named, but no tag'],
  ])('refuses %s', async (words, message) => {
    const { sm } = await mapped()
    const ended = await sm(`list ${words}`)
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(`error USAGE: ${message}`)])
  })
})

describe('sm show', () => {
  test('shows a node with its links and issues', async () => {
    const { sm } = await mapped()
    const shown = (await sm('show .claude/agents/one.md --json')).json()
    expect(Object.keys(shown)).toEqual(['node', 'linksOut', 'linksIn', 'issues'])
    expect([shown.node.kind, shown.linksOut.length, shown.issues[0].ruleId]).toEqual(['agent', 2, 'broken-ref'])
    const { stdout } = await sm('show .claude/agents/one.md')
    expect(stdout).toMatch(/^name +one$/m)
    expect(stdout).toMatch(/^\.claude\/agents\/two\.md +references +high +1 +markdown-link$/m)
    expect((await sm('show .claude/agents/two.md')).stdout).toMatch(/^LINK IN +KIND/m)
  })

  test('tells what became of its sidecar, and its tokens where they were counted', async () => {
    const { sm } = await mapped({ ...SIDECARS })
    const shown = async (path: string) => (await sm(`show ${path}`)).stdout
    expect(await shown('.claude/agents/one.md')).toMatch(/^tokens +\d+$[^]*^sidecar +invalid$/m)
    expect(await shown('.claude/agents/two.md')).toMatch(/^sidecar +stale-both$/m)
    await sm('scan --no-tokens')
    expect(await shown('.claude/agents/one.md')).not.toContain('tokens')
  })

  test('ends with 5 where there is no such node', async () => {
    const { sm } = await mapped()
    expect([(await sm('show one')).code, (await sm('show one --json')).json().error.code]).toEqual([5, 'NODE_UNKNOWN'])
  })
})

describe('sm check', () => {
  test('tells issues by node and rule, and ends with 1 when one is an error', async () => {
    const { sm, home } = await mapped()
    expect((await sm('check --json')).json()).toHaveLength(1)
    const none = await sm('check -n .claude/agents/two.md')
    expect([none.code, none.stdout]).toEqual([0, 'no issues\n'])
    for (const rule of ['broken-ref', 'core/broken-ref']) {
      expect((await sm(`check --rules ${rule} --json`)).json()).toHaveLength(1)
      expect((await sm(`check --rules superseded,${rule}`)).stdout).toMatch(
        /^warn +broken-ref +\.claude\/agents\/one\.md/m,
      )
    }
    writeFileSync(join(home, '.claude/agents/bad.md'), '---\ndescription: 3\n---\n')
    await sm('scan --strict')
    expect([(await sm('check')).code, (await sm('check --rules broken-ref')).code]).toEqual([1, 0])
  })

  test('refuses a rule that nobody has, so that a slip of the pen is no success', async () => {
    const { sm } = await mapped()
    const ended = await sm('check --rules broken-rf')
    expect([ended.code, ended.stderr]).toEqual([5, expect.stringContaining('Did you mean "broken-ref"?')])
    const without = await sm('check --rules core/superseded --no-built-ins')
    expect([without.code, without.stderr]).toEqual([5, expect.stringContaining('RULE_UNKNOWN')])
    expect((await sm('check --rules core/superseded --no-plugins')).code).toBe(0)
  })

  test('names the rules that ask a model, and runs none', async () => {
    const { sm } = await mapped()
    const ended = await sm('check --include-prob --async -q')
    expect([ended.code, ended.stderr]).toEqual([0, 'tenon: asks a model, and was not run: no rule\n'])
  })

  test('leaves none of them to jobs, which are not built, and says so instead of nothing', async () => {
    const rule = `id: 'judge', kind: 'rule', version: '1.0.0', mode: 'probabilistic', emitsRuleIds: ['judged'], defaultSeverity: 'info'`
    const { sm } = await mapped({
      '.skill-map/plugins/mine/plugin.json': JSON.stringify({
        ...{ id: 'mine', version: '1.0.0', specCompat: '*', extensions: ['index.js'] },
      }),
      '.skill-map/plugins/mine/index.js': `export default { ${rule}, evaluate: () => [] }`,
    })
    const named = await sm('check --include-prob -q')
    expect([named.code, named.stderr]).toEqual([0, 'tenon: asks a model, and was not run: mine/judge\n'])
    for (const words of ['check --include-prob --async', 'check --include-prob --async --rules judge']) {
      const ended = await sm(words)
      expect([ended.code, ended.stdout]).toEqual([2, ''])
      expect(ended.stderr).toMatch(/^error VERB_NOT_BUILT: "sm check --async" is not built yet\n/)
    }
    expect((await sm('check --include-prob --async --rules broken-ref')).code).toBe(0)
    expect(await sm('check --async')).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('--async goes with --include-prob') },
    })
  })
})

test('what is printed into a pipe is whole, however late it is read', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 600 }, (_, index) => [`notes/${index}.md`, `# Note ${index}\n`]),
  )
  const { home, sm } = await mapped(files)
  const child = spawn(process.execPath, [join(repository, 'packages/cli/bin/sm.mjs'), 'list', '--json'], {
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '', HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  // It has said how long it took, so all has been printed, and nobody has read any of it.
  for await (const chunk of child.stderr) if (String(chunk).includes('done in')) break
  const printed = await textOf(child.stdout)
  expect([await exited, printed.length > 4 * 65_536]).toEqual([[0, null], true])
  expect(printed).toBe((await sm('list --json')).stdout)
})
