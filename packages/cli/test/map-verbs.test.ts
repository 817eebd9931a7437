import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { openMapStore } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { repository } from '../../../cases/harness/tenon.ts'
import { tenonIn, type Parsed, type Surroundings } from './in-process.ts'

type Sm = (words: string, surroundings?: Surroundings) => ReturnType<ReturnType<typeof tenonIn>>

const smIn = (home: string): Sm => {
  const tenon = tenonIn(home)
  return (words, surroundings) => tenon(words.split(' '), { binary: 'sm', ...surroundings })
}

const HOSTILE = 'docs/a\nb\u001b[2J.md'

/** A folder of agent files, scanned. */
async function mapped(more: Record<string, string> = {}): Promise<{ home: string; sm: Sm }> {
  const home = temporaryFolder()
  const files = {
    '.claude/agents/one.md': '---\nname: one\ndescription: First.\ntags: [hot]\n---\nSee [two](two.md) and /none.\n',
    '.claude/agents/two.md': '---\nname: two\ndescription: Second.\n---\n@one\n',
    [HOSTILE]: 'Odd.\n',
    ...more,
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(home, path, '..'), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  const sm = smIn(home)
  await sm('scan')
  return { home, sm }
}

const paths = (nodes: Parsed): string[] => nodes.map(({ path }: { path: string }) => path)

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

  test('reads the database that it is told', async () => {
    const { sm } = await mapped()
    await sm('scan .claude --db other.db')
    expect(paths((await sm('list --json --db other.db')).json())).toEqual(['agents/one.md', 'agents/two.md'])
  })
})

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
})

describe('sm graph', () => {
  test.each([
    ['', /^map: 3 nodes/],
    ['--format ascii', /^map: 3 nodes/],
    ['--format core/ascii', /^map: 3 nodes/],
    ['--format json', /^\{\n {2}"nodes": \[/],
    ['--format md', /^# Map\n/],
    ['--format mermaid', /^flowchart LR\n/],
    ['--format dot', /^digraph map \{\n/],
  ])('%s', async (words, start) => {
    const { sm } = await mapped()
    const { code, stdout } = await sm(`graph ${words}`.trim())
    expect([code, stdout]).toEqual([0, expect.stringMatching(start)])
    expect(stdout).toMatch(/\S\n$/)
  })

  test('as JSON says what it is written in', async () => {
    const { sm } = await mapped()
    const { format, contentType, text } = (await sm('graph --format dot --json')).json()
    expect([format, contentType, text]).toEqual(['dot', 'text/vnd.graphviz', expect.stringMatching(/^digraph/)])
  })

  test('refuses a format that nobody writes', async () => {
    const { sm } = await mapped()
    const ended = await sm('graph --format svg')
    expect([ended.code, ended.stderr]).toEqual([
      2,
      expect.stringContaining('There are: ascii, json, md, mermaid, dot.'),
    ])
    expect((await sm('graph --no-built-ins')).stderr).toContain('There are: none.')
  })
})

describe('sm export', () => {
  test('gives what a query asks for, as JSON or in a format', async () => {
    const { sm } = await mapped()
    const { stdout } = await sm('export kind=agent')
    expect((await sm('export kind=agent --json')).stdout).toBe(stdout)
    const exported = JSON.parse(stdout)
    expect(Object.keys(exported)).toEqual(['query', 'filters', 'counts', 'nodes', 'links', 'issues'])
    expect([exported.counts, exported.links[0].target]).toEqual([
      { nodes: 2, links: 1, issues: 1 },
      '.claude/agents/two.md',
    ])
    expect((await sm('export path=docs/** --format md')).stdout).toMatch(/^# Map\n\n1 nodes, 0 links, 0 issues\n/)
  })

  test('refuses a query with mistakes, and says where they are', async () => {
    const { sm } = await mapped()
    const ended = await sm('export kin=agent')
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('character 1: "kin" is no filter')])
    expect((await sm('export kin=agent --json')).json().error.details.positions).toEqual([1])
  })
})

describe('sm scan compare-with', () => {
  test('tells what differs, keeps nothing, and ends with 1 when something does', async () => {
    const { home, sm } = await mapped()
    writeFileSync(join(home, 'before.json'), (await sm('scan --json --dry-run')).stdout)
    rmSync(join(home, '.skill-map'), { recursive: true })
    const same = await sm('scan compare-with before.json')
    expect([same.code, same.stdout]).toEqual([0, 'no difference\n'])
    rmSync(join(home, HOSTILE))
    writeFileSync(join(home, '.claude/agents/two.md'), '---\nname: two\ndescription: Second.\n---\n/one\n')
    const other = await sm('scan compare-with before.json . --json')
    expect(other.code).toBe(1)
    const { comparedWith, nodes, links, issues } = other.json()
    expect([comparedWith, nodes.added, paths(nodes.removed), nodes.changed[0].reason]).toEqual([
      'before.json',
      [],
      [HOSTILE],
      'body',
    ])
    expect([links.added.length, links.removed.length, issues]).toEqual([1, 1, { added: [], removed: [] }])
    expect((await sm('scan compare-with before.json')).stdout).toMatch(/^~ +node +\.claude\/agents\/two\.md \(body\)$/m)
    expect(existsSync(join(home, '.skill-map'))).toBe(false)
  })

  test.each([
    ['missing.json', 'missing.json cannot be read'],
    ['cut.json', 'cut.json is no JSON'],
    ['odd.json', 'odd.json is no result of a scan'],
  ])('ends with 2 for %s', async (dump, message) => {
    const { home, sm } = await mapped()
    writeFileSync(join(home, 'cut.json'), '{"nodes": [')
    writeFileSync(join(home, 'odd.json'), '{"nodes": []}')
    const ended = await sm(`scan compare-with ${dump}`)
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(message)])
  })

  test('needs a dump, and leaves "sm scan" its folders', async () => {
    const { home, sm } = await mapped()
    expect((await sm('scan compare-with')).code).toBe(2)
    for (const folder of ['compare-with', 'scan']) mkdirSync(join(home, folder))
    writeFileSync(join(home, 'compare-with/x.md'), 'x')
    expect(paths((await sm('scan ./compare-with --dry-run --json')).json().nodes)).toEqual(['x.md'])
    expect((await sm('scan scan --dry-run --json')).json().nodes).toEqual([])
    const help = (await sm('scan --help')).stdout
    expect([help.includes('--no-tokens'), help.includes('\nCOMMANDS\n  compare-with')]).toEqual([true, true])
  })
})

describe('sm actions', () => {
  test('lists what can be done, and knows what cannot', async () => {
    const sm = smIn(temporaryFolder())
    expect((await sm('actions list --json')).json()).toEqual(expect.any(Array))
    expect((await sm('actions list --no-built-ins')).stdout).toBe('no actions\n')
    const unknown = await sm('actions show core/none')
    expect([unknown.code, unknown.stderr]).toEqual([5, expect.stringContaining('ACTION_UNKNOWN')])
  })
})

describe('sm version', () => {
  test('tells four versions, without a map that of no database', async () => {
    const home = temporaryFolder()
    const sm = smIn(home)
    const { stdout, stderr } = await sm('version --json')
    expect([JSON.parse(stdout), stderr]).toEqual([
      { sm: expect.stringMatching(/^\d+\.\d+\.\d+/), kernel: expect.any(String), spec: '0.19.0', dbSchema: null },
      '',
    ])
    expect(readdirSync(home)).toEqual([])
    await sm('scan')
    expect((await sm('version --json')).json().dbSchema).toEqual(expect.any(Number))
    expect((await sm('version')).stdout).toMatch(/^spec +0\.19\.0$/m)
  })
})

describe('sm help', () => {
  test('tells every verb that is there, with the flags that the command line takes', async () => {
    const sm = smIn(temporaryFolder())
    const { globalFlags, verbs } = (await sm('help --format json')).json()
    const names = verbs.map(({ name }: { name: string }) => name)
    expect(names).toContain('scan compare-with')
    expect(names).not.toContain('serve')
    expect(globalFlags.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['global', 'json', 'db', 'quiet', 'help']),
    )
    for (const { name, flags } of verbs) {
      const { stdout } = await sm(`${name} --help`)
      for (const flag of [...flags, ...globalFlags])
        for (const shown of [`--${flag.name}`, ...flag.aliases.map((letter: string) => `-${letter} `)])
          expect([name, stdout]).toEqual([name, expect.stringContaining(shown)])
    }
  })

  test('tells one verb in full, for people, as Markdown and as JSON', async () => {
    const sm = smIn(temporaryFolder())
    const human = await sm('help list')
    expect([human.code, human.stderr]).toEqual([0, ''])
    expect(human.stdout).toMatch(/^sm list\nList the nodes of the map\n\nFLAG\n[^]*^--limit VALUE +At most so many$/m)
    expect((await sm('help scan')).stdout).toContain('sm scan compare-with <dump> [<root>...]')
    expect((await sm('help scan --format md')).stdout).toContain('### `sm scan compare-with <dump> [<root>...]`')
    const [list] = (await sm('help list --json')).json().verbs
    expect(list).toMatchObject({ name: 'list', category: 'Browse', arguments: [] })
    expect(list.flags).toContainEqual({
      ...{ name: 'limit', aliases: [], type: 'number', description: 'At most so many', required: false },
    })
  })

  test('refuses a verb and a format that there are not', async () => {
    const sm = smIn(temporaryFolder())
    const [verb, format] = [await sm('help lst'), await sm('help --format xml')]
    expect([verb.code, verb.stderr]).toEqual([5, expect.stringContaining('VERB_UNKNOWN')])
    expect([format.code, format.stderr]).toEqual([2, expect.stringContaining('--format cannot be "xml"')])
  })
})

test.each([
  'findings --kind x --since 1d',
  'job submit core/x node.md --all --ttl 3',
  'job prune --orphan-files',
  'job list',
  'record --id d-1 --status completed',
  'serve --port 0 --no-ui',
])('sm %s says that it is not built, with status 2', async (words) => {
  const ended = await smIn(temporaryFolder())(words)
  expect([ended.code, ended.stdout]).toEqual([2, ''])
  expect(ended.stderr).toMatch(/^error VERB_NOT_BUILT: "sm [a-z ]+" is not built yet\n/)
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

describe('a plugin in .skill-map/plugins', () => {
  const manifest = { id: 'haiku', version: '1.0.0', specCompat: '^0.19.0', extensions: ['format.js', 'rule.js'] }
  const plugin = {
    '.skill-map/plugins/haiku/plugin.json': JSON.stringify(manifest),
    '.skill-map/plugins/haiku/format.js': `export default { id: 'haiku', kind: 'formatter', version: '1.0.0',
  formatId: 'haiku', format: ({ nodes }) => nodes.length + ' files are here\\u001b[2J\\n' }`,
    '.skill-map/plugins/haiku/rule.js': `export default { id: 'mood', kind: 'rule', version: '1.0.0',
  mode: 'probabilistic', emitsRuleIds: ['mood'], defaultSeverity: 'info', evaluate: () => [] }`,
  }

  test('brings a format, contained, and what it writes moves no cursor', async () => {
    const { sm } = await mapped(plugin)
    const ended = await sm('graph --format haiku')
    expect([ended.code, ended.stdout]).toEqual([0, '3 files are here\\u{1b}[2J\n'])
    expect((await sm('graph --format haiku --no-plugins')).stderr).toContain('FORMAT_UNKNOWN')
    expect((await sm('export path=docs/** --format haiku/haiku')).stdout).toMatch(/^1 files are here/)
  })

  test('brings rules that a check knows by name', async () => {
    const { sm } = await mapped(plugin)
    expect((await sm('check --rules haiku/mood --json')).json()).toEqual([])
    expect((await sm('check --include-prob')).stderr).toMatch(/^tenon: asks a model, and was not run: haiku\/mood\n/)
  })
})

test('a formatter that the configuration disables writes nothing', async () => {
  const { sm } = await mapped({ '.skill-map/settings.json': '{ "plugins": { "core/ascii": { "enabled": false } } }' })
  expect((await sm('graph')).stderr).toContain('There are: json, md, mermaid, dot.')
})

test('an action is shown with what it declares', async () => {
  const { sm } = await mapped()
  expect((await sm('actions list --json')).json()).toContainEqual(expect.objectContaining({ id: 'core/bump' }))
  expect((await sm('actions show bump --json')).json()).toMatchObject({ id: 'core/bump', mode: 'deterministic' })
  expect((await sm('actions show core/bump')).stdout).toMatch(/^\{\n {2}"id": "core\/bump",\n/)
})
