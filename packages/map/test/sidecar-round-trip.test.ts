import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { load } from 'js-yaml'
import { expect, test } from 'vitest'
import { jsonValue } from '@tenon/contract'
import { presentNode, refreshSidecar, type Node } from '@tenon/map'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { scanFolder, writeFiles } from './folder-scan.ts'

const world = wallWorld()
const OLD = { path: 'a.md', bodyHash: 'old', frontmatterHash: 'old' }

/** What a sidecar of these lines holds, and its text, after the hashes were taken anew. */
async function refreshed(text: string): Promise<{ text: string; before: unknown; after: unknown }> {
  const folder = temporaryFolder()
  const { result } = await scanFolder({ folder, files: { 'a.md': 'body' } })
  writeFiles(folder, { 'a.sm': text })
  const [node] = result.nodes
  const live = await presentNode({ folders: [folder] }, node as Node)
  await refreshSidecar(live, world)
  const written = readFileSync(join(folder, 'a.sm'), 'utf8')
  const { bodyHash, frontmatterHash } = live.node
  const { identity, ...after } = load(written) as { identity: object }
  expect(identity).toEqual({ path: 'a.md', bodyHash, frontmatterHash })
  return { text: written, before: live.node.sidecar?.root, after }
}

const LOOKS_LIKE_MORE = [
  ...['1e3', '1_000', '0x1F', '0b11', '0o7', '007', '.5', '-.inf', '.nan', '+1', '12:30:45', '1.', '-', '--- a'],
  ...['null', '~', 'True', 'yes', 'no', 'on', 'n', '2026-01-01', '2026-05-07T10:00:00.000Z', '<<', '=', ''],
  ...[' a', 'a ', '\n', '\n\n', 'a\n', ' \n a', 'a\r\nb', '\ta', 'a\tb', '- a', 'a: b', 'a #b', '#', '&a', '*a', '!a'],
  ...[
    '"',
    "'",
    '\\',
    '{',
    '[a]',
    '%',
    '@',
    '`',
    '|',
    '>',
    '?',
    ': ',
    ':',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\ud800',
    '😀',
    '\0',
  ],
]

const word = fc.oneof(fc.constantFrom(...LOOKS_LIKE_MORE), fc.string({ unit: 'binary', maxLength: 12 }), fc.string())
const key = fc.oneof(word, fc.constantFrom('constructor', 'toString', 'prototype'))
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(1e3, 1e21, 1e-7),
)
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(word, number, fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

/** JSON is YAML, once the characters that YAML never takes as they are have been escaped. */
const yamlOf = (value: object): string =>
  JSON.stringify(value).replaceAll(
    /[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

test('what a change does not name stays as data, whatever it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(word, tree, { maxKeys: 4, noNullPrototype: true }), async (held) => {
      const kept = { settings: held, mine: held, annotations: { version: 3, own: held } }
      const { after } = await refreshed(yamlOf({ identity: OLD, ...kept }))
      expect(after).toEqual(jsonValue(JSON.stringify(kept)))
    }),
    { numRuns: 150 },
  )
}, 60_000)

test('what JSON has not stays too: infinities, no number, integers of any size, what an alias stands for', async () => {
  const held = 'a: [.inf, -.inf, .nan, -0.0, 12345678901234567890, -0xFFFFFFFFFFFFFFFF, 1_000]\nb: &x {c: 1}\nd: *x\n'
  const { text } = await refreshed(`identity: {path: a.md, bodyHash: x, frontmatterHash: y}\nmine:\n  <<: e\n${held}`)
  expect(text).toContain(
    'a:\n  - .inf\n  - -.inf\n  - .nan\n  - -0.0\n  - 12345678901234567890\n  - -18446744073709551615\n  - 1000\nb:\n  c: 1\nd:\n  c: 1\n',
  )
  expect(text).toContain("mine:\n  '<<': e\n")
})

test('the keys of a sidecar are sorted, its comments are gone, and its rights are what they were', async () => {
  const folder = temporaryFolder()
  const { result } = await scanFolder({ folder, files: { 'a.md': 'body' } })
  const path = join(folder, 'a.sm')
  const text = '# why\nz: 1\nidentity: {path: a.md, frontmatterHash: y, bodyHash: x} # who\naudit: {by: me}\n'
  writeFileSync(path, text)
  chmodSync(path, 0o640)
  const live = await presentNode({ folders: [folder] }, result.nodes[0] as Node)
  await refreshSidecar(live, world)
  const { bodyHash, frontmatterHash } = live.node
  const identity = `identity:\n  bodyHash: ${bodyHash}\n  frontmatterHash: ${frontmatterHash}\n  path: a.md\n`
  expect(readFileSync(path, 'utf8')).toBe(`audit:\n  by: me\n${identity}z: 1\n`)
  expect([statSync(path).mode & 0o777, readdirSync(folder).sort()]).toEqual([0o640, ['a.md', 'a.sm']])
})

test('a sidecar that nothing changes in is left as it is, comments and all', async () => {
  const folder = temporaryFolder()
  const { result } = await scanFolder({ folder, files: { 'a.md': 'body' } })
  const { bodyHash, frontmatterHash } = result.nodes[0] as Node
  const text = `# why\nidentity: {path: a.md, frontmatterHash: ${frontmatterHash}, bodyHash: ${bodyHash}}\n`
  writeFileSync(join(folder, 'a.sm'), text)
  const live = await presentNode({ folders: [folder] }, result.nodes[0] as Node)
  expect(await refreshSidecar(live, world)).toBe(false)
  expect(readFileSync(join(folder, 'a.sm'), 'utf8')).toBe(text)
})
