import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { HOSTILE, mapped, paths, smIn } from './mapped.ts'

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

  test('tells issues that came and went', async () => {
    const { home, sm } = await mapped()
    writeFileSync(join(home, 'before.json'), (await sm('scan --json --dry-run')).stdout)
    writeFileSync(join(home, '.claude/agents/one.md'), '---\nname: one\ndescription: First.\n---\n/other\n')
    const { stdout } = await sm('scan compare-with before.json')
    expect(stdout).toMatch(/^\+ +issue +broken-ref: .*other/m)
    expect(stdout).toMatch(/^- +issue +broken-ref: .*none/m)
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

  test('tells of a verb without flags of its own only those of every verb', async () => {
    const sm = smIn(temporaryFolder())
    expect((await sm('help show')).stdout).toMatch(/^sm show <node>\n[^\n]+\n\nWITH EVERY VERB\n/)
    expect((await sm('help show --format md')).stdout).toMatch(/### `sm show <node>`\n\n[^\n]+\.\n$/)
    expect((await sm('help show --json')).json().verbs).toEqual([expect.objectContaining({ name: 'show', flags: [] })])
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

test.each([
  [420, 'done in 420ms'],
  [2_540, 'done in 2.5s'],
  [125_000, 'done in 2m 5s'],
])('after %i ms a verb says that it is %s', async (took, told) => {
  let now = -took
  const { stderr } = await smIn(temporaryFolder())('actions list', { time: { monotonic: () => (now += took) } })
  expect(stderr).toBe(`${told}\n`)
})

test('an action is shown with what it declares', async () => {
  const { sm } = await mapped()
  expect((await sm('actions list --json')).json()).toContainEqual(expect.objectContaining({ id: 'core/bump' }))
  expect((await sm('actions show bump --json')).json()).toMatchObject({ id: 'core/bump', mode: 'deterministic' })
  expect((await sm('actions show core/bump')).stdout).toMatch(/^\{\n {2}"id": "core\/bump",\n/)
})
