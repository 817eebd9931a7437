import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryRepository } from '@tenon/testkit'
import { expect, test } from 'vitest'
import { serving, tenonIn, type Ended } from './in-process.ts'

const INPUT = 'schemas/echo.in.schema.json'

/** A schema that a test takes for what it should be, and changes. */
type Schema = ReturnType<typeof JSON.parse>

/** A plugin in a repository, released as 0.1.0. */
async function released() {
  const repository = temporaryRepository()
  const tenon = tenonIn(repository.folder)
  const run = (...words: string[]): Promise<Ended> => tenon(['plugin', ...words], { env: repository.world.env })
  expect(await run('new', 'demo', '--publisher', 'acme')).toMatchObject({ code: 0 })
  repository.commit({})
  repository.git('tag', 'plugin/demo/v0.1.0')
  const root = join(repository.folder, 'plugins/demo')
  const edit = (path: string, change: (text: string) => string): void =>
    writeFileSync(join(root, path), change(readFileSync(join(root, path), 'utf8')))
  const editInput = (change: (schema: Schema) => void): void =>
    edit(INPUT, (text) => {
      const schema = JSON.parse(text)
      change(schema)
      return JSON.stringify(schema)
    })
  return { repository, root, run, edit, editInput, tenon }
}

const GREW = 'compatible /operations/echo/input: all that was taken still is\n'
const TAG = 'plugin/demo/v0.1.0'

test('a plugin that is as it was released is told to be, and what may follow', async () => {
  const { run } = await released()
  expect(await run('diff', TAG, 'plugins/demo')).toMatchObject({
    code: 0,
    stdout: [
      'demo 0.1.0 → 0.1.0',
      '4 unchanged, 0 compatible, 0 breaking, 0 unknown',
      'at least 0.1.1 may follow 0.1.0: the contract is as it was\n',
    ].join('\n'),
  })
})

test('each change is a line, and what breaks is shown by a document', async () => {
  const { run, editInput } = await released()
  editInput((schema) => {
    schema['properties'].more = { type: 'string' }
    schema['required'] = [...(schema['required'] ?? []), 'more']
  })
  const { code, stdout } = await run('diff', TAG, 'demo')
  expect([code, stdout.split('\n')]).toEqual([
    1,
    [
      'demo 0.1.0 → 0.1.0',
      'breaking   /operations/echo/input/more: a document without "more" was taken and is refused now',
      expect.stringMatching(/^ {11}such as \{.*\}$/),
      '3 unchanged, 0 compatible, 1 breaking, 0 unknown',
      'at least 0.2.0 may follow 0.1.0: it breaks what relied on it',
      '',
    ],
  ])
  expect((await run('diff', TAG, 'demo', '--json')).json()).toMatchObject({
    id: 'demo',
    changes: [{ verdict: 'breaking', witness: expect.any(Object) }],
    unchanged: 3,
    bump: 'major',
    least: '0.2.0',
  })
})

test('a long document is shortened for people', async () => {
  const { run, editInput } = await released()
  editInput((schema) => (schema['properties'].text.maxLength = 900))
  const { stdout } = await run('diff', TAG, 'demo')
  expect(stdout).toMatch(/such as .{100,160}… \(\d+ characters\)\n/)
})

test('a version is a folder, a bundle, a tag, a path at a revision, or what a registry has', async () => {
  const { run, tenon, repository, root, editInput } = await released()
  expect(await run('pack', 'demo')).toMatchObject({ code: 0 })
  const { url, adminToken } = await serving(tenon, ['registry', 'serve', '--data-dir', join(repository.folder, 'data')])
  cpSync(root, join(repository.folder, 'released/demo'), { recursive: true })
  editInput((schema) => (schema['properties'].more = { type: 'string' }))
  for (const old of ['dist/demo-0.1.0.tgz', TAG, 'HEAD:plugins/demo', 'HEAD:plugins/demo/'])
    expect([old, await run('diff', old, root)]).toMatchObject([old, { code: 0, stdout: expect.stringContaining(GREW) }])
  const env = { ...repository.world.env, TENON_REGISTRY_URL: url }
  const made = await tenon(['admin', 'publisher', 'acme', '--json'], { env: { ...env, TENON_TOKEN: adminToken } })
  const token = { ...env, TENON_TOKEN: (made.json() as { token: string }).token }
  expect(await tenon(['plugin', 'publish', join(repository.folder, 'released/demo')], { env: token })).toMatchObject({
    code: 0,
  })
  expect(await run('diff', 'demo@0.1.0', root, '--registry', url)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(GREW),
  })
  const absent = await run('diff', 'demo@9.9.9', root, '--registry', url)
  expect([absent.code, absent.stderr]).toEqual([5, expect.stringMatching(/VERSION_UNKNOWN[^]*It has 0\.1\.0\./)])
})

test.each(['nobody', 'HEAD:nowhere', 'plugin/demo/v9.9.9', '--output=x:y', 'plugin/nobody/v1.0.0'])(
  '%s is no version of a plugin',
  async (named) => {
    const { run, root } = await released()
    const { code, stderr } = await run('diff', '--', named, root)
    expect([code, stderr]).toEqual([5, expect.stringContaining('PLUGIN_UNKNOWN')])
  },
)

test('different plugins are not compared', async () => {
  const { run } = await released()
  await run('new', 'other')
  const { code, stderr } = await run('diff', 'demo', 'other')
  expect([code, stderr]).toEqual([2, expect.stringContaining('demo and other are different plugins')])
})

test('too small a version neither validates nor is packed, until it is bumped', async () => {
  const { run, editInput, root } = await released()
  const fine = await run('validate', 'demo')
  expect([fine.code, fine.stdout]).toEqual([0, expect.stringContaining('ok   compatibility (1 checked)\n')])
  editInput((schema) => (schema['properties'].more = { type: 'string' }))
  await run('derive', 'demo')
  const { code, stdout } = await run('validate', 'demo')
  expect([code, stdout]).toEqual([
    1,
    expect.stringMatching(
      /plugin\.spec\.json:\d+ VERSION_TOO_SMALL 0\.1\.0 is too small after 0\.1\.0: .* run "tenon plugin bump demo"/,
    ),
  ])
  expect(await run('pack', 'demo')).toMatchObject({ code: 1, stderr: expect.stringContaining('0.1.0 is too small') })
  const bumped = await run('bump', 'demo')
  expect([bumped.code, bumped.stdout]).toEqual([
    0,
    expect.stringMatching(
      /^at least 0\.1\.1 may follow what was released; 0\.1\.0 → 0\.1\.1\nwrote plugin\.spec\.json\nwrote CHANGELOG\.md\n/,
    ),
  ])
  expect(readFileSync(join(root, 'plugin.spec.json'), 'utf8')).toContain('"version": "0.1.1"')
  expect(await run('validate', 'demo')).toMatchObject({ code: 0 })
  expect(await run('bump', 'demo', '--to', '0.1.0')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('VERSION_TOO_SMALL'),
  })
  expect((await run('bump', 'demo', '--to', '0.2.0', '--json')).json()).toMatchObject({ root, to: '0.2.0' })
})

test('outside a repository, and before the first release, that nothing was compared is to be seen', async () => {
  const { run, repository } = await released()
  repository.git('tag', '-d', TAG)
  expect((await run('validate', 'demo')).stdout).toContain(
    'ok   compatibility (nothing to check: nothing was released)\n',
  )
  const { stdout } = await run('bump', 'demo')
  expect(stdout).toBe('nothing was released; 0.1.0 stays\n')
})
