import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import extractor from '../src/keyword-count.mjs'

/** What the extractor says of a body: a kernel that hands in no prose leaves `prose` out. */
function extracted(body, given = {}) {
  const contributions = {}
  const links = []
  extractor.extract({
    node: { path: 'a.md' },
    body,
    ...given,
    emitContribution: (id, payload) => (contributions[id] = payload),
    emitLink: (link) => links.push(link),
  })
  return { contributions, links }
}
const total = (body, given) => extracted(body, given).contributions.total?.value ?? 0
const of = (...keywords) => ({ settings: { keywords, forbidden: [] } })

test('counts each keyword, whatever its case, and their sum', () => {
  const { contributions } = extracted('You must. You MUST never. Todo: nothing.')
  assert.deepEqual(contributions, {
    total: { value: 4 },
    counts: {
      entries: [
        { label: 'must', value: 2 },
        { label: 'never', value: 1 },
        { label: 'todo', value: 1 },
      ],
    },
  })
})

test('counts whole words only, in any script', () => {
  assert.equal(total('mustard, a_must, must2 and nevermore', of('must', 'never')), 0)
  assert.equal(total('(must) "never" must.', of('must', 'never')), 3)
  assert.equal(total('Übermuss muss é', of('muss', 'É')), 2)
})

test('takes what it is given literally', () => {
  assert.equal(total('a.b axb c++ c', of('a.b', 'c++')), 2)
  assert.equal(total('do not, do  not', of('do not')), 1)
})

test('says nothing of a node without keywords', () => {
  assert.deepEqual(extracted('Nothing to see.'), { contributions: {}, links: [] })
  assert.equal(total('must', of('', ' ')), 0)
})

test('counts a keyword once that is configured twice', () => {
  assert.equal(total('must', of('must', 'Must ')), 1)
})

test('does not count what stands in code', () => {
  const body = [
    'must `must` ``must ` must`` must',
    '```js',
    'must',
    '~~~',
    '```',
    'must',
    '~~~~',
    'must',
    '```',
    '~~~',
    '~~~~',
    'a lone ` must',
    '',
    'and another ` must',
    '',
    '``` `x` ``` must',
    '  ```',
    'must, to the end',
  ]
  assert.equal(total(body.join('\n')), 6)
  assert.equal(total(body.join('\r\n')), 6)
})

test('takes the prose of a kernel that hands it in', () => {
  assert.equal(total('must must', { prose: 'must     ' }), 1)
})

test('marks each forbidden word once, with its first line', () => {
  assert.deepEqual(extracted('a\n`tbd`\nTBD and tbd').links, [
    { target: 'a.md', kind: 'mentions', raw: 'tbd', location: { line: 3 } },
  ])
})

test('has the settings of its manifests as defaults', () => {
  const read = (path) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'))
  const [spec, manifest] = [read('plugin.spec.json'), read('plugin.json')]
  assert.deepEqual(manifest.settings, spec.settings)
  const { keywords, forbidden } = manifest.settings
  const body = [...keywords.default, ...forbidden.default].join(' ')
  const configured = { settings: { keywords: keywords.default, forbidden: forbidden.default } }
  assert.deepEqual(extracted(body), extracted(body, configured))
  assert.equal(total(body), keywords.default.length)
})

test('is the same plugin for Tenon and for skill-map', () => {
  const read = (path) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'))
  const [spec, manifest] = [read('plugin.spec.json'), read('plugin.json')]
  for (const key of ['id', 'version', 'description', 'license']) assert.equal(manifest[key], spec[key], key)
  for (const key of ['extensions', 'granularity', 'catalogCompat'])
    assert.deepEqual(manifest[key], spec.runtime[key], key)
  assert.equal(manifest.specCompat, spec.engines['skill-map'])
  assert.equal(extractor.version, spec.version)
})
