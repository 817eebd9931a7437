import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn, type Ended, type Parsed } from './in-process.ts'

/** A watch over a project of one node, with every scan that it told. */
function watching(...words: string[]) {
  const home = temporaryFolder()
  const write = (path: string, text: string): void => writeFileSync(join(home, path), text)
  write('a.md', 'one')
  mkdirSync(join(home, '.skill-map'))
  write(
    '.skill-map/settings.json',
    '{ "schemaVersion": 1, "scan": { "tokenize": false, "watch": { "debounceMs": 20 } } }',
  )
  const stopping = new AbortController()
  onTestFinished(() => stopping.abort('SIGINT'))
  const scans: Parsed[] = []
  const surroundings = {
    ...{ binary: 'sm', signal: stopping.signal },
    onOut: (text: string) => void scans.push(JSON.parse(text)),
  }
  const ended = tenonIn(home)([...words, '--json'], surroundings)
  const nodes = (): string[] => (scans.at(-1)?.nodes ?? []).map(({ path }: { path: string }) => path)
  const stop = (): Promise<Ended> => {
    stopping.abort('SIGINT')
    return ended
  }
  return { home, scans, write, nodes, stop, ended }
}

test.each([[['watch']], [['scan', '--watch']]])(
  '%j tells a scan for what changes, until it is told to stop',
  async (words) => {
    const { home, scans, write, nodes, stop } = watching(...words)
    await expect.poll(nodes).toEqual(['a.md'])
    write('b.md', '[a](a.md)')
    await expect.poll(nodes).toEqual(['a.md', 'b.md'])
    expect(scans.at(-1).links).toHaveLength(1)
    rmSync(join(home, 'a.md'))
    await expect.poll(nodes).toEqual(['b.md'])
    write('b.sm', 'identity: {path: b.md, bodyHash: x, frontmatterHash: y}\n')
    await expect.poll(() => scans.at(-1).nodes[0].sidecar.present).toBe(true)
    expect((await stop()).code).toBe(0)
  },
)

test('a watch tells people each scan in a line', async () => {
  const home = temporaryFolder()
  writeFileSync(join(home, 'a.md'), 'one')
  const stopping = new AbortController()
  onTestFinished(() => stopping.abort('SIGINT'))
  const told: string[] = []
  const surroundings = { binary: 'sm', signal: stopping.signal, onOut: (text: string) => void told.push(text) }
  const ended = tenonIn(home)(['watch', '--no-tokens'], surroundings)
  await expect.poll(() => told).toEqual([expect.stringMatching(/^1 nodes, 0 links, \d+ issues in \d+ ms\n$/)])
  writeFileSync(join(home, 'b.md'), 'two')
  await expect.poll(() => told.at(-1)).toMatch(/^2 nodes, /)
  stopping.abort('SIGINT')
  expect((await ended).code).toBe(0)
})

test('what nobody reads, and what is ignored, starts no scan, and ignore rules hold at once', async () => {
  const { home, scans, write, nodes, stop } = watching('watch')
  await expect.poll(nodes).toEqual(['a.md'])
  mkdirSync(join(home, 'node_modules'))
  write('node_modules/x.md', 'ignored')
  write('notes.txt', 'unread')
  write('b.md', 'two')
  await expect.poll(nodes).toEqual(['a.md', 'b.md'])
  const before = scans.length
  write('.skillmapignore', 'b.md\n')
  await expect.poll(nodes).toEqual(['a.md'])
  write('b.md', 'more')
  write('c.md', 'three')
  await expect.poll(nodes).toEqual(['a.md', 'c.md'])
  expect(scans.length).toBeLessThanOrEqual(before + 4)
  await stop()
})

test('what settings and plugins say from now on holds at once', async () => {
  const { home, scans, write, nodes, stop } = watching('watch')
  const targets = (): string[] => (scans.at(-1)?.links ?? []).map(({ target }: { target: string }) => target)
  await expect.poll(nodes).toEqual(['a.md'])
  mkdirSync(join(home, '.skill-map/plugins/words'), { recursive: true })
  const manifest = { id: 'words', version: '1.0.0', specCompat: '^0.19.0', extensions: ['index.js'] }
  write('.skill-map/plugins/words/index.js', extractorOf('one'))
  write('.skill-map/plugins/words/plugin.json', JSON.stringify(manifest))
  await expect.poll(targets).toEqual(['one'])
  write('.skill-map/plugins/words/index.js', extractorOf('two'))
  await expect.poll(targets).toEqual(['two'])
  write('.skill-map/settings.local.json', '{ "schemaVersion": 1, "ignore": ["b.md"] }')
  write('b.md', 'ignored')
  write('c.md', '')
  await expect.poll(nodes).toEqual(['a.md', 'c.md'])
  await stop()
}, 30_000)

const extractorOf = (target: string): string => `export default {
  id: 'words', kind: 'extractor', version: '1.0.0', emitsLinkKinds: ['mentions'], defaultConfidence: 'low',
  extract: ({ node, emitLink }) => { if (node.path === 'a.md') emitLink({ kind: 'mentions', target: '${target}' }) },
}`

test('what is switched off, and what another scan kept, counts for the next scan', async () => {
  const { home, scans, write, nodes, stop } = watching('watch')
  const sm = (...words: string[]) => tenonIn(home)(words, { binary: 'sm' })
  await expect.poll(nodes).toEqual(['a.md'])
  write('b.md', '@a')
  await expect.poll(nodes).toEqual(['a.md', 'b.md'])
  expect(scans.at(-1).links).toHaveLength(1)
  expect((await sm('plugins', 'disable', 'core/at-directive')).code).toBe(0)
  expect((await sm('scan')).code).toBe(0)
  write('c.md', '')
  await expect.poll(nodes).toEqual(['a.md', 'b.md', 'c.md'])
  expect(scans.at(-1).links).toEqual([])
  const { nodes: kept, links } = (await sm('graph', '--format', 'json')).json()
  expect([kept.length, links.length]).toEqual([3, 0])
  await stop()
}, 30_000)

test('what never ceases to change is told all the same', async () => {
  const { write, nodes, stop } = watching('watch')
  await expect.poll(nodes).toEqual(['a.md'])
  let written = 0
  const writing = setInterval(() => write(`n${(written += 1)}.md`, ''), 2)
  onTestFinished(() => clearInterval(writing))
  await expect.poll(() => nodes().length).toBeGreaterThan(1)
  clearInterval(writing)
  await stop()
})

test('a scan that fails is told, and too many in a row end the watch', async () => {
  const { home, write, nodes, ended } = watching('watch', '--max-consecutive-failures', '2')
  await expect.poll(nodes).toEqual(['a.md'])
  rmSync(join(home, '.skill-map'), { recursive: true })
  write('.skill-map', 'no folder')
  write('b.md', 'two')
  let [edits, hasEnded] = [0, false]
  void ended.then(() => (hasEnded = true))
  await expect
    .poll(() => {
      write('c.md', `${(edits += 1)}`)
      return hasEnded
    })
    .toBe(true)
  const { code, stderr } = await ended
  expect([code, stderr.match(/^error /gm)?.length]).toEqual([2, 1])
})

test.each(['--dry-run', '--no-built-ins'])('--watch does not go with %s', async (flag) => {
  const { code, stderr } = await tenonIn(temporaryFolder())(['scan', '--watch', flag], { binary: 'sm' })
  expect([code, stderr]).toEqual([2, expect.stringContaining(`${flag} does not go with --watch`)])
})
