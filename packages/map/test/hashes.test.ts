import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { scanFolder } from './folder-scan.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const nodeOf = async (text: string, tokens = false) => {
  const { result } = await scanFolder({ files: { 'a.md': text }, options: { tokens } })
  const [node] = result.nodes
  if (node === undefined) throw new Error('the file became no node')
  return node
}

test('a file without front matter has the hash of an empty mapping', async () => {
  const node = await nodeOf('# Title\n')
  expect(node.frontmatterHash).toBe('ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356')
  expect(node.bodyHash).toBe(sha256('# Title\n'))
  expect(node.frontmatter).toEqual({})
})

test('front matter that holds nothing has the hash of an empty mapping', async () => {
  expect((await nodeOf('---\n---\nx')).frontmatterHash).toBe(sha256('{}\n'))
})

test('front matter without keys is hashed as it is written', async () => {
  expect((await nodeOf('---\n- a\n- b\n---\n')).frontmatterHash).toBe(sha256('- a\n- b'))
  expect((await nodeOf('---\na: [\n---\n')).frontmatterHash).toBe(sha256('a: ['))
})

type Golden = { yaml: string; canonical: string }
const goldens = JSON.parse(readFileSync(new URL('fixtures/canonical-yaml.json', import.meta.url), 'utf8')) as Golden[]

test('front matter is hashed in the canonical form that js-yaml 4 gives', async () => {
  const files = Object.fromEntries(goldens.map(({ yaml }, index) => [`g${index}.md`, `---\n${yaml}\n---\nbody`]))
  const { result } = await scanFolder({ files })
  const hashes = new Map(result.nodes.map(({ path, frontmatterHash }) => [path, frontmatterHash]))
  const wrong = goldens.filter(({ canonical }, index) => hashes.get(`g${index}.md`) !== sha256(canonical))
  expect(wrong).toEqual([])
  expect(hashes.size).toBeGreaterThan(150)
})

test('neither the order nor the notation of keys changes the hash', async () => {
  const first = await nodeOf('---\nname: x\ntags: [a, b]\n---\n')
  const second = await nodeOf('---\r\n"tags":\r\n  - a\r\n  - "b"\r\nname: x\r\n---\r\n')
  expect(second.frontmatterHash).toBe(first.frontmatterHash)
})

test('keys that reach the prototype are dropped', async () => {
  const { frontmatter } = await nodeOf(
    '---\nname: x\n__proto__: {a: 1}\nconstructor: 1\nin: {prototype: 2, b: 3}\n---\n',
  )
  expect(frontmatter).toEqual({ name: 'x', in: { b: 3 } })
})

test('numbers that JSON cannot hold are null in the graph and themselves in the hash', async () => {
  const node = await nodeOf('---\nn: [.inf, .nan, -.inf, 1_000]\n---\n')
  expect(node.frontmatter).toEqual({ n: [null, null, null, 1000] })
  expect(node.frontmatterHash).toBe(sha256('n:\n  - .inf\n  - .nan\n  - -.inf\n  - 1000\n'))
})

test('aliases that blow a document up make it none', async () => {
  const rows = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(8)}*l${i}]`)
  const node = await nodeOf(`---\nl0: &l0 x\n${rows.join('\n')}\n---\nbody`)
  expect(node.frontmatter).toEqual({})
})

test('an alias of what it stands in makes a document none, and what is nested too deep', async () => {
  const loops = ['a: &a {b: *a}', 'a: &a [*a, *a]', '&a {k: [*a]}', `a: ${'['.repeat(200)}${']'.repeat(200)}`]
  for (const yaml of loops) expect((await nodeOf(`---\n${yaml}\n---\nbody`)).frontmatter).toEqual({})
})

test('bytes are those of the text between the fences and of the body, in UTF-8', async () => {
  expect((await nodeOf('---\nname: é\n---\nàb\n')).bytes).toEqual({ frontmatter: 8, body: 4, total: 12 })
})

test('tokens are those of cl100k_base, and text of special tokens is text', async () => {
  expect((await nodeOf('---\nname: x\n---\nhello world', true)).tokens).toEqual({ frontmatter: 3, body: 2, total: 5 })
  expect((await nodeOf('a <|endoftext|> b', true)).tokens?.body).toBe(8)
})

test('an endless word does not hold the token count up', { timeout: 20_000 }, async () => {
  const { tokens } = await nodeOf('a'.repeat(200_000), true)
  expect(tokens?.body).toBe(25_000)
})

test('without token counts there is no such key', async () => {
  expect(await nodeOf('x')).not.toHaveProperty('tokens')
})
