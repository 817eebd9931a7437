import { expect, test } from 'vitest'
import type { Ended, Parsed } from './in-process.ts'
import { ECHO, market } from './market.ts'

test('a false alarm is overridden from the command line, by two where there are two, also without a host that serves', async () => {
  const { publish, tenon } = await market()
  await publish({ id: 'echoing', files: { 'src/act.ts': ECHO } })
  let token = ''
  const as = (...argv: string[]): Promise<Ended> => tenon(argv, token === '' ? {} : { env: { TENON_TOKEN: token } })
  const json = async (...argv: string[]): Promise<Parsed> => {
    const ended = await as(...argv, '--json')
    expect([argv, ended.code, ended.stderr]).toEqual([argv, 0, ''])
    return ended.json()
  }
  await json('plugin', 'install', 'acme/echoing')
  await json('plugin', 'enable', 'echoing')
  await json('plugin', 'revoke', 'echoing', '--why', 'a scanner says so')
  const call = () => as('call', 'echoing', 'act', '--input', 'tenon.json')
  expect((await call()).stderr).toContain('BUNDLE_REVOKED')
  const { manifest } = (await json('plugin', 'inspect', 'echoing')).verification
  const bob = await as('admin', 'user', 'add', 'bob')
  expect(bob.stdout).toMatch(/^token of bob, shown this once: \S{43}\n$/)
  expect((await as('admin', 'user', 'list')).stdout).toBe('administrator\nbob\n')

  const wish = ['--digest', manifest, '--finding', 'BUNDLE_REVOKED', '--why', 'we looked', '--expires', '12h']
  const asked = await as('admin', 'override', 'request', 'echoing', ...wish)
  expect([asked.code, asked.stdout]).toEqual([
    0,
    expect.stringMatching(/^\w{26}: BUNDLE_REVOKED of echoing is requested\n$/),
  ])
  const id = asked.stdout.slice(0, 26)
  const own = await as('admin', 'override', 'approve', id)
  expect([own.code, own.stderr]).toEqual([1, expect.stringContaining('PERMISSION_DENIED: admin:administrator asked')])
  expect((await call()).stderr).toContain('BUNDLE_REVOKED')

  token = bob.stdout.trim().split(': ')[1] ?? ''
  expect((await as('admin', 'override', 'approve', id)).stdout).toMatch(
    /: BUNDLE_REVOKED of echoing is overridden until 20\S+Z\n$/,
  )
  token = ''
  expect((await call()).code).toBe(0)
  expect((await as('plugin', 'inspect', 'echoing')).stdout).toMatch(
    new RegExp(`^overridden until \\S+ by ${id}: BUNDLE_REVOKED: echoing@1\\.0\\.0 was revoked`, 'm'),
  )
  expect((await as('admin', 'override', 'list')).stdout).toMatch(
    new RegExp(`^${id} +approved +echoing +BUNDLE_REVOKED +\\S+ +admin:administrator +admin:bob +we looked$`, 'm'),
  )
  expect((await as('admin', 'override', 'revoke', id)).stdout).toMatch(/ is revoked\n$/)
  expect((await call()).stderr).toContain('BUNDLE_REVOKED')
  const { items } = await json('admin', 'audit', '--target', 'echoing')
  const steps = items.filter(({ action }: Parsed) => action.startsWith('override.')).toReversed()
  expect(steps.map(({ action, actor, details }: Parsed) => [action, actor, details.override, details.digest])).toEqual([
    ['override.request', 'admin:administrator', id, manifest],
    ['override.approve', 'admin:bob', id, manifest],
    ['override.use', 'host', id, manifest],
    ['override.revoke', 'admin:administrator', id, manifest],
  ])
  expect((await as('admin', 'user', 'remove', 'bob')).stdout).toBe('bob is no administrator any more\n')
})
