import { expect, test } from 'vitest'
import { ULID_PATTERN } from '@tenon/contract'
import { installedPlugins } from './installed-plugins.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'
import { joined, plainManifest, remotePlugin } from './remote-plugin.ts'

async function withCounter(): Promise<TestHost> {
  const counter = {
    id: 'counter',
    source: `operations: { count: ({ to }) => Array.from({ length: to }, (_, at) => at), other: () => 1 }`,
    operations: { count: { in: { type: 'object', required: ['to'] } }, other: {} },
  }
  const host = await openTestHost({ installed: installedPlugins(counter) })
  await host.sync()
  await host.enable('counter')
  return host
}

test('an administrator has a call kept as a run, with what answers it, and is told the run', async () => {
  const host = await withCounter()
  const answer = await host.admin('POST', '/gateway/counter/count?keep=true', { to: 2 })
  expect([answer.status, answer.body]).toEqual([200, [0, 1]])
  const told = { operation: { name: 'count' }, description: { id: 'counter' }, level: expect.stringMatching(/^[A-F]$/) }
  expect(host.kept).toMatchObject([
    { ...told, runId: answer.headers['x-run-id'], traceId: answer.headers['x-trace-id'] },
  ])
  expect(answer.headers['x-run-id']).toMatch(new RegExp(ULID_PATTERN))
  const streamed = await host.admin('POST', '/gateway/counter/count/stream?keep=true', { to: 1 })
  expect(host.kept[1]).toMatchObject({ ...told, runId: streamed.headers['x-run-id'] })
})

test('a call that nobody asked to keep is not kept, nor is one that is refused', async () => {
  const host = await withCounter()
  const answer = await host.admin('POST', '/gateway/counter/count', { to: 1 })
  expect([answer.status, answer.headers['x-run-id']]).toEqual([200, undefined])
  await host.refused(await host.admin('POST', '/gateway/counter/count?keep=true', {}), 400, 'INPUT_INVALID')
  expect(host.kept).toEqual([])
})

test('a plugin on another machine is kept as one', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin()
  await joined(host, plainManifest('far', { endpoints: { act: '/act' } }), remote)
  expect((await host.admin('POST', '/gateway/far/act?keep=true', {})).status).toBe(200)
  expect(host.kept).toMatchObject([{ operation: { name: 'act' }, description: { id: 'far' }, level: 'remote' }])
})

test('a plugin has no calls kept', async () => {
  const host = await withCounter()
  const token = await joined(host, plainManifest('caller'))
  await host.grant('caller', ['operator:call:counter/other'])
  const refused = await host.as(token, 'POST', '/gateway/counter/other?keep=true', null)
  expect([refused.status, refused.body]).toMatchObject([403, { code: 'PERMISSION_DENIED' }])
  expect((await host.as(token, 'POST', '/gateway/counter/other?keep=false', null)).status).toBe(200)
  expect(host.kept).toEqual([])
})

test('a call that cannot be kept is not made', async () => {
  const host = await openTestHost({ keepCall: async () => Promise.reject(new Error('the disk is full')) })
  const remote = await remotePlugin()
  await joined(host, plainManifest('far', { endpoints: { act: '/act' } }), remote)
  expect((await host.admin('POST', '/gateway/far/act?keep=true', {})).status).toBe(500)
  expect(remote.received).toEqual([])
  expect((await host.admin('POST', '/gateway/far/act', {})).status).toBe(200)
})
