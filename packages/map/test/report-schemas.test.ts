import { join } from 'node:path'
import { builtInPlugins, discoverPlugins, loadPlugins, openTrusted, type ExtensionSource } from '@tenon/map'
import type { JsonObject } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { expect, test } from 'vitest'
import { action, annotated } from './annotated-folder.ts'
import { scanFolder, writeFiles, type Files } from './folder-scan.ts'
import { provider } from './foreign-extension.ts'

const SPEC = 'https://skill-map.dev/spec/v0'
const SIDECAR = 'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\n'
const WROTE = '{"type":"object","required":["words"],"properties":{"words":{"type":"integer"}}}'

/** What became of a plugin that lies in a folder with these files, and whose one extension is this. */
async function loaded(extension: object, files: Files) {
  const folder = temporaryFolder()
  const manifest = { id: 'p', version: '1.0.0', specCompat: '*', extensions: ['x.mjs'] }
  writeFiles(join(folder, 'p'), { 'plugin.json': JSON.stringify(manifest), 'x.mjs': '', ...files })
  const found = await discoverPlugins([{ path: folder, source: 'given' }])
  const {
    plugins: [plugin],
    extensions,
  } = await loadPlugins(found, (one) => openTrusted(one, async () => ({ default: extension }), undefined))
  const { faults } = await scanFolder({ files: { 'a.md': '' }, extensions: [...builtInPlugins, ...extensions] })
  return {
    extensions,
    status: [plugin, ...faults].flatMap((one) => (one?.reason ? `${one.status} — ${one.reason}` : [])),
  }
}

/** An action that reports this, and asks for a tag. */
const reports = (report: JsonObject, reportSchemaRef = 'report.json') =>
  action({
    reportSchemaRef,
    invoke: (_, { nodeAbsolutePath }) => {
      const path = nodeAbsolutePath.replace(/md$/, 'sm')
      return { report, writes: [{ kind: 'sidecar', path, changes: { annotations: { tags: ['done'] } } }] }
    },
  })

const act = async (more: ExtensionSource[]) => {
  const map = await annotated([], { more, files: { 'a.md': 'body', 'a.sm': SIDECAR } })
  return { ...map, done: map.act('p/act') }
}

test('a report is held to the schema in the folder of its plugin, and nothing is written when it does not fit', async () => {
  const files = { 'schemas/report.json': WROTE }
  const fits = await loaded(reports({ ok: true, words: 3 }, './schemas/report.json'), files)
  expect(fits.status).toEqual([])
  const good = await act(fits.extensions)
  await expect(good.done).resolves.toEqual({ report: { ok: true, words: 3 }, wrote: true })
  const unfit = await loaded(reports({ ok: true, words: 'three' }, 'schemas/report.json'), files)
  const bad = await act(unfit.extensions)
  await expect(bad.done).rejects.toMatchObject({
    code: 'OUTPUT_INVALID',
    details: { actionId: 'p/act', failureReason: 'report-invalid' },
    problems: [{ pointer: '/report/words' }],
  })
  expect([good.sidecar() === SIDECAR, bad.sidecar()]).toEqual([false, SIDECAR])
})

test('what else is wrong with an answer is no invalid report', async () => {
  const { done } = await act((await loaded(reports({ words: 3 }), { 'report.json': WROTE })).extensions)
  const fault = await done.catch((thrown: unknown) => thrown)
  expect(fault).toMatchObject({ code: 'OUTPUT_INVALID', problems: [{ pointer: '/report/ok' }] })
  expect(fault).not.toHaveProperty('details.failureReason')
})

test.each<[string, Files, string, RegExp]>([
  ['that is not there', {}, 'report.json', /load-error — it has no file report\.json/],
  ['that leads out', { 'report.json': '{}' }, '../report.json', /load-error — it has no file \.\.\/report\.json/],
  ['elsewhere on the web', {}, 'https://x.y/report.json', /load-error — it has no file https:/],
  ['that is no JSON', { 'report.json': '{' }, 'report.json', /load-error — .*report\.json/],
  [
    'that checks nothing',
    { 'report.json': '{"type":"thing"}' },
    'report.json',
    /invalid-manifest — .*reports of "act"/,
  ],
  [
    'that refers to nothing',
    { 'report.json': '{"$ref":"x.json"}' },
    'report.json',
    /invalid-manifest — .*reports of "act"/,
  ],
])('an action with a schema %s is not loaded', async (_, files, ref, told) => {
  expect((await loaded(action({ reportSchemaRef: ref }), files)).status).toEqual([expect.stringMatching(told)])
})

test('a schema may extend the report of the specification, or be it', async () => {
  const extended = `{"allOf":[{"$ref":"${SPEC}/report-base.schema.json"}],"required":["words"]}`
  const safety = { injectionDetected: false, contentQuality: 'clean' }
  const problemsOf = async (report: JsonObject, ref: string) => {
    const { extensions, status } = await loaded(reports(report, ref), { 'report.json': extended })
    expect(status).toEqual([])
    const { done } = await act(extensions)
    return done.then(
      () => [],
      ({ problems }: { problems: { pointer: string }[] }) => problems.map(({ pointer }) => pointer).toSorted(),
    )
  }
  expect(await problemsOf({ ok: true, words: 1, confidence: 1, safety }, 'report.json')).toEqual([])
  expect(await problemsOf({ ok: true, confidence: 2 }, 'report.json')).toEqual([
    ...['/report/confidence', '/report/safety', '/report/words'],
  ])
  expect(await problemsOf({ ok: true, safety }, `${SPEC}/report-base.schema.json`)).toEqual(['/report/confidence'])
})

test('so may a schema of front matter', async () => {
  const { kinds } = provider()
  const note = { ...kinds['note'], schema: { allOf: [{ $ref: `${SPEC}/frontmatter/base.schema.json` }] } }
  const { status, extensions } = await loaded({ ...provider(), kinds: { note } }, {})
  expect(status).toEqual([])
  const { result } = await scanFolder({
    files: { 'notes/a.md': '---\nname: a\n---\n', 'notes/b.md': '---\nname: b\ndescription: B.\n---\n' },
    extensions: [...builtInPlugins, ...extensions],
  })
  expect(result.issues.map(({ ruleId, nodeIds }) => [ruleId, ...nodeIds])).toEqual([
    ['frontmatter-invalid', 'notes/a.md'],
  ])
})
