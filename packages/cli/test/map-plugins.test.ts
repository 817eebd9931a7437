import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn } from './in-process.ts'

const MANIFEST = { id: 'words', version: '1.0.0', specCompat: '^0.19.0', extensions: ['index.js'] }

const EXTRACTOR = (work: string): string => `import { readFileSync } from 'node:fs'
export default {
  id: 'words',
  kind: 'extractor',
  version: '1.0.0',
  emitsLinkKinds: ['mentions'],
  defaultConfidence: 'low',
  async extract(context) { ${work} },
}
`
const MENTION = "context.emitLink({ kind: 'mentions', target: 'found' })"

type Files = Record<string, string>

function write(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

const pluginFiles = (work: string, manifest: object = MANIFEST): Files => ({
  '.skill-map/plugins/words/plugin.json': JSON.stringify(manifest),
  '.skill-map/plugins/words/index.js': EXTRACTOR(work),
})

/** A project with these files beside two nodes, and a home folder of its own. */
function project(files: Files) {
  const [home, folder] = [temporaryFolder(), temporaryFolder()]
  write(folder, { 'a.md': 'a', 'b.md': 'b', ...files })
  const env = { HOME: home, TENON_HOME: join(home, 'tenon'), OF_TEST: 'x' }
  const tenon = tenonIn(folder)
  const sm = (...words: string[]) => tenon(words, { binary: 'sm', env })
  const scan = async (...flags: string[]) => {
    const done = await sm('scan', '--json', '--no-tokens', ...flags)
    return { ...done, links: done.code > 1 ? [] : (done.json().links as { source: string; sources: string[] }[]) }
  }
  return { home, folder, sm, scan }
}

const byWords = (links: { source: string; sources: string[] }[]): string[] =>
  links.filter(({ sources }) => sources.includes('words')).map(({ source }) => source)

describe('a plugin of skill-map that lies in .skill-map/plugins', () => {
  test('takes part in a scan as it is, with the files it imports', async () => {
    const files = pluginFiles(MENTION)
    files['.skill-map/plugins/words/index.js'] += "import './more.js'\n"
    files['.skill-map/plugins/words/more.js'] = 'export {}'
    const { scan } = project(files)
    const { links, code, stderr } = await scan()
    expect([byWords(links), code, stderr]).toEqual([['a.md', 'b.md'], 0, expect.stringMatching(/^done in /)])
    expect(byWords((await scan('--no-plugins')).links)).toEqual([])
  })

  test('is found in the home folder too, and in a folder that is named in the place of both', async () => {
    const { home, folder, scan } = project({})
    write(home, pluginFiles(MENTION))
    expect(byWords((await scan()).links)).toHaveLength(2)
    write(folder, { 'elsewhere/README.txt': '' })
    expect(byWords((await scan('--plugin-dir', 'elsewhere')).links)).toEqual([])
    expect(byWords((await scan('--plugin-dir', join(home, '.skill-map/plugins'))).links)).toHaveLength(2)
  })

  test('in two folders is in neither', async () => {
    const { home, scan } = project(pluginFiles(MENTION))
    write(home, pluginFiles(MENTION))
    const { links, stderr } = await scan()
    expect(byWords(links)).toEqual([])
    expect(stderr.match(/^plugin words: id-collision — /gm)).toHaveLength(2)
  })

  test('may bring a Provider whose schemas are files', async () => {
    const provider = `export default { id: 'notes', kind: 'provider', version: '1.0.0', explorationDir: '.',
  kinds: { note: { schema: './note.json', schemaJson: {}, defaultRefreshAction: 'words/read', ui: { label: 'N', color: '#000000' } } },
  classify: (path) => path === 'a.md' ? 'note' : null }`
    const { sm } = project({
      ...pluginFiles('', { ...MANIFEST, extensions: ['index.js', 'notes.js'] }),
      '.skill-map/plugins/words/notes.js': provider,
      '.skill-map/plugins/words/note.json': '{ "type": "object", "required": ["name"] }',
      'a.md': '---\ntitle: x\n---\n',
    })
    const { nodes, issues } = (await sm('scan', '--json')).json()
    expect(nodes.map(({ path, kind }: { path: string; kind: string }) => `${path} ${kind}`)).toEqual([
      'a.md note',
      'b.md markdown',
    ])
    expect(issues).toMatchObject([{ ruleId: 'frontmatter-invalid', nodeIds: ['a.md'] }])
  })
})

describe('a plugin that cannot take part is told by its status, and stops nothing:', () => {
  test.each<[string, Files, RegExp]>([
    [
      'another folder name',
      pluginFiles('', { ...MANIFEST, id: 'other' }),
      /^plugin other: invalid-manifest — .*"words"/,
    ],
    ['no JSON', { '.skill-map/plugins/words/plugin.json': '{' }, /^plugin words: invalid-manifest — /],
    ['an unknown key', pluginFiles('', { ...MANIFEST, more: 1 }), /^plugin words: invalid-manifest — .*"more"/],
    [
      'another specification',
      pluginFiles('', { ...MANIFEST, specCompat: '^1' }),
      /^plugin words: incompatible-spec — /,
    ],
    ['another catalogue', pluginFiles('', { ...MANIFEST, catalogCompat: '^2' }), /^plugin words: incompatible-catalog/],
    ['no range', pluginFiles('', { ...MANIFEST, specCompat: 'soon' }), /^plugin words: invalid-manifest — .*"soon"/],
    [
      'a path that leads out',
      pluginFiles('', { ...MANIFEST, extensions: ['../x.js'] }),
      /invalid-manifest — .*leads out/,
    ],
    [
      'a missing file',
      pluginFiles('', { ...MANIFEST, extensions: ['none.js'] }),
      /load-error — it has no file none\.js/,
    ],
    ['a syntax error', pluginFiles(')'), /^plugin words: load-error — /],
    ['a kind that there is not', pluginFiles("}, kind: 'critic', x() {"), /^plugin words: load-error — "critic"/],
    ['another owner', pluginFiles("}, pluginId: 'core', x() {"), /^plugin words: invalid-manifest — .*"core"/],
    [
      'an import that does not end',
      { ...pluginFiles(''), '.skill-map/plugins/words/index.js': 'for (;;);' },
      /load-error/,
    ],
  ])(
    '%s',
    async (_, files, told) => {
      const { links, code, stderr } = await project(files).scan()
      expect([links, code]).toEqual([[], 0])
      expect(stderr).toMatch(told)
    },
    60_000,
  )

  test('a file that is a link to elsewhere', async () => {
    const { folder, scan } = project(pluginFiles('', { ...MANIFEST, extensions: ['link.js'] }))
    symlinkSync('/etc/hostname', join(folder, '.skill-map/plugins/words/link.js'))
    expect((await scan()).stderr).toMatch(/load-error — it has no file link\.js/)
  })
})

describe('the code of a plugin', () => {
  test('sees neither the workspace, nor the environment, nor the network', async () => {
    const { folder, sm } = project({})
    const paths = ['/etc/hostname', join(folder, 'a.md'), join(folder, '.skill-map')]
    const probe = `const tried = {}
for (const path of ${JSON.stringify(paths)})
  try { readFileSync(path); tried[path] = 'read' } catch (thrown) { tried[path] = 'refused' }
for (const name of ['TENON_HOME', 'OF_TEST']) tried[name] = name in process.env ? 'seen' : 'refused'
tried.net = await fetch('http://127.0.0.1:9').then(() => 'reached', ({ code }) => code === 'PERMISSION_DENIED' ? 'refused' : code)
context.emitLink({ kind: 'mentions', target: JSON.stringify(tried) })`
    write(folder, pluginFiles(probe))
    const { links } = (await sm('scan', '--json')).json()
    const [tried] = links.map(({ target }: { target: string }) => JSON.parse(target))
    expect(Object.values(tried)).toEqual(Array(6).fill('refused'))
  })

  test.each([
    ['hangs', 'for (;;);'],
    ['ends its process', 'process.exit(3)'],
    ['throws', "throw new Error('not today')"],
  ])(
    'that %s costs its own output only',
    async (_, work) => {
      const rule = `export default { id: 'judge', kind: 'rule', version: '1.0.0', emitsRuleIds: ['judged'], defaultSeverity: 'info',
  evaluate: ({ nodes }) => nodes.map(({ path }) => ({ ruleId: 'judged', nodeIds: [path], message: 'Judged.' })) }`
      const { sm } = project({
        ...pluginFiles(work, { ...MANIFEST, extensions: ['index.js', 'judge.js'] }),
        '.skill-map/plugins/words/judge.js': rule,
      })
      const done = await sm('scan', '--json')
      const { nodes, issues } = done.json()
      expect([nodes.length, issues.length, done.code]).toEqual([2, 2, 0])
    },
    60_000,
  )
})

describe('--trust', () => {
  const MARK =
    "globalThis.ranHere = (globalThis.ranHere ?? 0) + 1; context.emitLink({ kind: 'mentions', target: 'found' })"
  const ranHere = (): unknown => (globalThis as { ranHere?: unknown }).ranHere

  test('runs a plugin in this process until its files change or trust is taken back, and says where it is kept', async () => {
    const { home, folder, scan } = project(pluginFiles(MARK))
    await scan()
    expect(ranHere()).toBeUndefined()
    expect(byWords((await scan('--trust', 'words')).links)).toHaveLength(2)
    await scan()
    expect(ranHere()).toBe(4)
    const kept = JSON.parse(readFileSync(join(home, 'tenon/map-trust.json'), 'utf8'))
    expect(kept).toMatchObject([{ plugin: 'words', digest: expect.stringMatching(/^sha256:/) }])
    write(folder, pluginFiles(`${MARK} /* changed */`))
    expect(byWords((await scan()).links)).toHaveLength(2)
    expect(ranHere()).toBe(4)
    await scan('--trust', 'words')
    await scan('--distrust', 'words')
    expect(ranHere()).toBe(6)
  })

  test.each(['--trust', '--distrust'])('a dry run keeps nothing of %s, so it is refused', async (flag) => {
    const { home, scan } = project(pluginFiles(MENTION))
    expect((await scan('--dry-run', flag, 'words')).code).toBe(2)
    expect(existsSync(join(home, 'tenon/map-trust.json'))).toBe(false)
  })

  test('of what is not there is refused', async () => {
    const { home, scan } = project({})
    const { code, stdout } = await scan('--trust', 'words')
    expect([code, JSON.parse(stdout)]).toEqual([
      5,
      { ok: false, error: expect.objectContaining({ code: 'PLUGIN_UNKNOWN' }) },
    ])
    expect(existsSync(join(home, 'tenon/map-trust.json'))).toBe(false)
  })

  test('in what is no file at all is refused', async () => {
    const { home, scan } = project(pluginFiles(MENTION))
    mkdirSync(join(home, 'tenon/map-trust.json'), { recursive: true })
    expect(await scan()).toMatchObject({ code: 2, stdout: expect.stringContaining('EISDIR') })
  })

  test('in a file that was damaged is refused', async () => {
    const { home, scan } = project(pluginFiles(MENTION))
    write(home, { 'tenon/map-trust.json': '[1]' })
    expect(await scan()).toMatchObject({ code: 2, stdout: expect.stringContaining('DATA_FOLDER_CORRUPT') })
  })
})
