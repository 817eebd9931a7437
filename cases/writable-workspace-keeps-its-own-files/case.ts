import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPlatform, writePlugin } from '../harness/platform.ts'

const ACT = `import { linkSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
type Attempt = [name: string, work: () => unknown]
export async function act(): Promise<object> {
  const attempts: Attempt[] = [
    ['note', () => writeFileSync('/workspace/note.txt', 'mine')],
    ['write tenon.json', () => writeFileSync('/workspace/tenon.json', '{}')],
    ['replace tenon.json', () => { writeFileSync('/workspace/new.json', '{}'); renameSync('/workspace/new.json', '/workspace/tenon.json') }],
    ['remove tenon.json', () => rmSync('/workspace/tenon.json')],
    ['link over tenon.lock', () => { writeFileSync('/workspace/l', '{}'); linkSync('/workspace/l', '/workspace/tenon.lock') }],
    ['write a hook', () => writeFileSync('/workspace/.git/hooks/pre-commit', 'evil')],
    ['move .git away', () => renameSync('/workspace/.git', '/workspace/git')],
    ['write a policy', () => { mkdirSync('/workspace/policies', { recursive: true }); writeFileSync('/workspace/policies/p', 'x') }],
    ['write .skill-map', () => { mkdirSync('/workspace/.skill-map', { recursive: true }); writeFileSync('/workspace/.skill-map/p', 'x') }],
  ]
  const done = attempts.filter(([, work]) => { try { work(); return true } catch { return false } }).map(([name]) => name)
  let seen: string[] = []
  try { seen = readdirSync('/workspace/.tenon') } catch { seen = [] }
  return { done, seen }
}
`

test('a plugin with the workspace writable cannot touch what governs it, nor see .tenon', async () => {
  const platform = await startPlatform()
  mkdirSync(join(platform.workspace, '.git/hooks'), { recursive: true })
  writeFileSync(join(platform.workspace, '.git/config'), '[core]\n')
  const capability = 'fs:write:${workspace}/**'
  const spec = { permissions: [{ capability, reason: 'writes notes' }] }
  await platform.publish(await writePlugin(platform.home, { id: 'writer', spec, files: { 'src/act.ts': ACT } }))
  await platform.install('acme/writer', [capability])
  await platform.enable('writer')
  const before = ['tenon.json', 'tenon.lock', '.git/config'].map((name) =>
    readFileSync(join(platform.workspace, name), 'utf8'),
  )
  const { status, body } = await platform.admin('POST', '/gateway/writer/act', {})
  expect([status, body]).toEqual([200, { done: ['note'], seen: [] }])
  await platform.admin('POST', '/admin/plugins/writer/disable')
  expect(readFileSync(join(platform.workspace, 'note.txt'), 'utf8')).toBe('mine')
  expect(
    ['tenon.json', 'tenon.lock', '.git/config'].map((name) => readFileSync(join(platform.workspace, name), 'utf8')),
  ).toEqual(before)
  for (const name of ['.git/hooks/pre-commit', 'policies', '.skill-map', 'git'])
    expect([name, existsSync(join(platform.workspace, name))]).toEqual([name, false])
})
