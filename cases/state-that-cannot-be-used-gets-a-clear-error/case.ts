import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { serve, tenonIn } from '../harness/tenon.ts'

test('a taken port is named', async () => {
  const home = temporaryFolder()
  const { url } = await serve(home, ['host', 'serve', '--data-dir', join(home, 'one')])
  const { code, stderr } = await tenonIn(home)([
    'host',
    'serve',
    '--data-dir',
    join(home, 'two'),
    '--port',
    new URL(url).port,
  ])
  expect([code, stderr]).toEqual([2, expect.stringMatching(/PORT_TAKEN.*\n.*--port 0/)])
})

test('an owned data folder names its owner', async () => {
  const home = temporaryFolder()
  const { url, child } = await serve(home, ['host', 'serve', '--data-dir', join(home, 'one')])
  const { code, stderr } = await tenonIn(home)(['host', 'serve', '--data-dir', join(home, 'one'), '--port', '0'])
  expect(code).toBe(3)
  expect(stderr).toContain('DATA_FOLDER_OWNED')
  expect(stderr).toContain(String(child.pid))
  expect(stderr).toContain(url)
})

test('a data folder below a file is named', async () => {
  const home = temporaryFolder()
  writeFileSync(join(home, 'file'), '')
  const { code, stderr } = await tenonIn(home)(['host', 'serve', '--data-dir', join(home, 'file/data'), '--port', '0'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('DATA_FOLDER_UNWRITABLE')])
})

test.each([
  ['format', 'nonsense', 'DATA_FOLDER_CORRUPT'],
  ['format', '99\n', 'DATA_FOLDER_FORMAT'],
  ['host/host.db', 'this is no database, but it is long enough to be taken for one', 'DATA_FOLDER_CORRUPT'],
  ['workspace/tenon.json', '{', 'CONFIG_INVALID'],
])('a corrupt %s is named', async (name, text, expected) => {
  const home = temporaryFolder()
  const path = join(home, 'data', name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  const { code, stderr } = await tenonIn(home)(['host', 'serve', '--data-dir', join(home, 'data'), '--port', '0'])
  expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining(expected)])
  expect(code).toBeGreaterThan(1)
  expect(stderr).toContain(path)
})
