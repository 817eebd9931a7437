import { describe, expect, test } from 'vitest'
import { mapped } from './mapped.ts'

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
