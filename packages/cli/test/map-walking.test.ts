import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mapProject, type Files, type MapProject } from './map-project.ts'

const PROVIDER = (walk: string, more = ''): string => `import fs from 'node:fs'
import { join, relative } from 'node:path'
export default {
  id: 'cards', kind: 'provider', version: '1.0.0', explorationDir: '.',
  kinds: { card: { schema: './card.json', defaultRefreshAction: 'cards/read', ui: { label: 'Cards', color: '#000000' } } },
  classify: (path) => path.endsWith('.card') ? 'card' : null,
  ${more}
  ${walk}
}
`

/** Finds the cards of a root, of which the first line is the title. */
const WALK = `async *walk([root], { ignoreFilter }) {
    for (const entry of fs.readdirSync(root, { recursive: true, withFileTypes: true })) {
      const path = relative(root, join(entry.parentPath, entry.name))
      if (!path.endsWith('.card') || ignoreFilter.ignores(path)) continue
      const [title, ...body] = fs.readFileSync(join(root, path), 'utf8').split('\\n')
      yield { path, body: body.join('\\n'), frontmatterRaw: title, frontmatter: { title } }
    }
  },`

const plugin = (walk: string, more = ''): Files => ({
  '.skill-map/plugins/cards/plugin.json': JSON.stringify({
    ...{ id: 'cards', version: '1.0.0', specCompat: '^0.19.0', extensions: ['index.js'] },
  }),
  '.skill-map/plugins/cards/index.js': PROVIDER(walk, more),
  '.skill-map/plugins/cards/card.json': '{ "type": "object" }',
})

const CARDS = { 'a.card': 'One\n@two', 'deep/b.card': 'Two\n', 'note.md': 'note', 'build/c.card': 'Ignored\n' }

type Seen = { path: string; provider: string; frontmatter: { title?: string } }

const scanned = async ({ sm }: MapProject, ...flags: string[]) => {
  const done = await sm('scan', '--json', '--no-tokens', ...flags)
  const { nodes, links } = done.json()
  return {
    ...{ code: done.code, stderr: done.stderr, links: links.length as number },
    nodes: nodes.map(({ path, provider, frontmatter }: Seen) => `${path} ${provider} ${frontmatter.title ?? ''}`),
  }
}

const FOUND = ['a.card cards One', 'deep/b.card cards Two', 'note.md markdown ']

describe('a Provider of a plugin that walks', () => {
  test.each([[[]], [['--trust', 'cards']]])('finds its files itself, contained or trusted: %j', async (flags) => {
    const project = mapProject({ ...CARDS, ...plugin(WALK) })
    const { nodes, links, stderr } = await scanned(project, ...flags)
    expect([nodes, links, stderr]).toEqual([FOUND, 1, expect.stringMatching(/^done in /)])
  })

  test('sees the root as it is, and nothing else; it can change nothing', async () => {
    const project = mapProject(CARDS)
    mkdirSync(join(project.cwd, '.tenon'))
    writeFileSync(join(project.cwd, '.tenon/key'), 'secret')
    writeFileSync(join(project.home, 'beside'), 'secret')
    const probe = `async *walk([root]) {
    const tried = {}
    const attempt = async (name, act) => { try { await act(); tried[name] = 'done' } catch (thrown) { tried[name] = 'refused' } }
    await attempt('read', () => fs.readFileSync(join(root, 'a.card')))
    await attempt('beside', () => fs.readFileSync(${JSON.stringify(join(project.home, 'beside'))}))
    await attempt('above', () => fs.readFileSync(join(root, '../beside')))
    await attempt('own', () => fs.readFileSync(join(root, '.tenon/key')))
    await attempt('write', () => fs.writeFileSync(join(root, 'made'), ''))
    await attempt('change', () => fs.appendFileSync(join(root, 'a.card'), 'more'))
    await attempt('remove', () => fs.rmSync(join(root, 'a.card')))
    yield { path: 'a.card', body: '', frontmatter: { title: JSON.stringify(tried) } }
  },`
    for (const [path, text] of Object.entries(plugin(probe))) {
      mkdirSync(join(project.cwd, path, '..'), { recursive: true })
      writeFileSync(join(project.cwd, path), text)
    }
    const done = await project.sm('scan', '--json', '--no-tokens')
    const [{ frontmatter }] = done.json().nodes
    const { read, ...others } = JSON.parse(frontmatter.title)
    expect([read, ...Object.values(others)]).toEqual(['done', ...Array(6).fill('refused')])
    expect([existsSync(join(project.cwd, 'made')), project.text('a.card')]).toEqual([false, CARDS['a.card']])
  })

  test('its other code sees no file', async () => {
    const peek =
      "classify: (path) => { try { return fs.readdirSync(process.env.TENON_WORKSPACE) && 'card' } catch { return null } },"
    const { nodes } = await scanned(mapProject({ ...CARDS, ...plugin(WALK, peek) }))
    expect(nodes).toEqual(['note.md markdown '])
  })

  test('is not shown a root that holds what is Tenon’s own', async () => {
    const project = mapProject({ ...CARDS, ...plugin(WALK) })
    const env = { HOME: project.home, TENON_HOME: join(project.cwd, 'deep/tenon') }
    const done = await project.smIn({ env }, 'scan', '--json', '--no-tokens')
    expect(done.json().nodes.map(({ path }: Seen) => path)).toEqual(['note.md'])
    expect(done.stderr).toMatch(/plugin cards\/cards: threw — .* is shown to no plugin, because Tenon keeps its own/)
  })

  test.each([
    ['hangs', 'async *walk() { for (;;); },', /cards\/cards: threw/],
    ['hangs on its way', "async *walk() { yield { path: 'a.card', body: '' }; await new Promise(() => {}) },", /threw/],
    ['ends its process', 'async *walk() { process.exit(3) },', /cards\/cards: threw/],
    ['throws', "async *walk() { throw new Error('not today') },", /not today/],
    ['leads out', "async *walk() { yield { path: '../beside', body: '' } },", /"\.\.\/beside" is no file in the root/],
    ['never ends', "async *walk() { for (;;) yield { path: 'a.card', body: '' } },", /more files than there are/],
    ['is too much', "async *walk() { yield { path: 'a.card', body: 'x'.repeat(2_000_000) } },", /done in/],
  ])(
    'that %s costs its own output only',
    async (_, walk, told) => {
      const { nodes, code, stderr } = await scanned(mapProject({ ...CARDS, ...plugin(walk) }))
      expect([nodes, code]).toEqual([['note.md markdown '], 0])
      expect(stderr).toMatch(told)
    },
    60_000,
  )

  test('finds out anew what changed, whatever of it a scan would have read', async () => {
    const project = mapProject({ ...CARDS, ...plugin(WALK) })
    await scanned(project)
    appendFileSync(join(project.cwd, 'a.card'), '\n@three')
    writeFileSync(join(project.cwd, 'c.card'), 'Three\n')
    const { nodes, links } = await scanned(project, '--changed')
    expect([nodes, links]).toEqual([['a.card cards One', 'c.card cards Three', ...FOUND.slice(1)], 2])
  })
})

describe('the sidecar of a node', () => {
  const statuses = async ({ sm }: MapProject) =>
    (await sm('scan', '--json'))
      .json()
      .nodes.map(({ path, sidecar }: { path: string; sidecar: { status?: string } }) =>
        [path, sidecar.status].join(' '),
      )
  const plain = plugin('', "read: { extensions: ['.card'], parser: 'plain' },")

  test.each([
    ['that its Provider reads itself', plugin(WALK)],
    ['that is all body', plain],
  ])('%s is fresh once it was made, and after a bump', async (_, files) => {
    const project = mapProject({ ...files, 'a.card': '---\nname: x\n---\nbody' })
    await project.sm('scan')
    expect((await project.sm('sidecar', 'annotate', 'a.card')).code).toBe(0)
    expect(await statuses(project)).toEqual(['a.card fresh'])
    appendFileSync(join(project.cwd, 'a.card'), 'more')
    expect(await statuses(project)).toEqual(['a.card stale-body'])
    expect((await project.sm('bump', 'a.card')).code).toBe(0)
    expect(await statuses(project)).toEqual(['a.card fresh'])
  })

  test('that its Provider may read itself is never taken for one that lies beside nothing', async () => {
    const project = mapProject({ ...plugin(WALK), 'a.card': 'One\n', 'gone.md': '' })
    await project.sm('scan')
    await project.sm('sidecar', 'annotate', 'a.card')
    const pruned = (await project.sm('sidecar', 'prune', '--dry-run', '--json')).json()
    expect(pruned.wouldDelete).toBe(0)
  })
})
