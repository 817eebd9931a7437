import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { running } from './running.ts'

const ADA = { username: 'ada', email: 'ada@openlab.test', department: 'Research', traits: ['viewer'] }

test('creates a profile under an id of id-mint, asked through the gateway', async (context) => {
  const { host, plugin } = await running(context)
  const { status, headers, body } = await plugin.call('POST', '/api/users', { ...ADA, manager: 'm-1' })
  assert.equal(status, 201)
  const { created_at, ...profile } = body
  assert.deepEqual(profile, { id: '01KAZM3Q4V8T2X6Y0C5R7B0001', ...ADA, manager: 'm-1' })
  assert.ok(Math.abs(Date.parse(String(created_at)) - Date.now()) < 60_000)
  assert.equal(headers.get('location'), '/api/users/01KAZM3Q4V8T2X6Y0C5R7B0001')
  const [asked] = host.at('/gateway/id-mint/mint')
  assert.deepEqual([asked?.authorization, asked?.body], ['Bearer plugin-token-1', { kind: 'ulid' }])
})

test('announces UserCreated with what others need and no more', async (context) => {
  const { host, plugin } = await running(context)
  await plugin.call('POST', '/api/users', ADA)
  await plugin.call('POST', '/api/users', { username: 'bo', email: 'bo@openlab.test' })
  const told = host.at('/messaging/events')
  assert.deepEqual(
    told.map(({ body }) => body),
    [
      {
        event_type: 'UserCreated',
        payload: { id: '01KAZM3Q4V8T2X6Y0C5R7B0001', username: 'ada', department: 'Research' },
        data_traits: ['pii'],
      },
      {
        event_type: 'UserCreated',
        payload: { id: '01KAZM3Q4V8T2X6Y0C5R7B0002', username: 'bo' },
        data_traits: ['pii'],
      },
    ],
  )
  assert.equal(told[0]?.authorization, 'Bearer plugin-token-1')
})

test('announces later what could not be announced at once', async (context) => {
  const { host, plugin } = await running(context, { heartbeatMs: 5 })
  const published = host.answers['/messaging/events']
  host.answers['/messaging/events'] = () => ({ status: 503, body: { code: 'HOST_BUSY' } })
  assert.equal((await plugin.call('POST', '/api/users', ADA)).status, 201)
  assert.ok(plugin.log.some((line) => line.includes('HOST_BUSY') && !line.includes('ada')))
  await host.asked('/messaging/events', 3)
  const failed = host.at('/messaging/events').length
  if (published !== undefined) host.answers['/messaging/events'] = published
  await host.asked('/messaging/events', failed + 1)
  const beats = host.at('/plugins/user-management/heartbeat').length
  await host.asked('/plugins/user-management/heartbeat', beats + 5)
  assert.equal(host.at('/messaging/events').length, failed + 1)
})

test('announces each of many users once when they are created at once', async (context) => {
  const { host, plugin } = await running(context)
  const names = ['ada', 'bo', 'cy', 'dee', 'eve']
  await Promise.all(
    names.map((username) => plugin.call('POST', '/api/users', { username, email: `${username}@openlab.test` })),
  )
  const told = host
    .at('/messaging/events')
    .map(({ body }) => (body as { payload: { username: string } }).payload.username)
  assert.deepEqual(told.toSorted(), names)
})

test('tells every fault of the input and creates nothing', async (context) => {
  const { host, plugin } = await running(context)
  const { status, headers, body } = await plugin.call('POST', '/api/users', {
    username: '',
    department: '',
    traits: ['a', 'a'],
    admin: true,
  })
  assert.equal(status, 400)
  assert.equal(headers.get('content-type'), 'application/problem+json')
  assert.equal(body['code'], 'USER_INVALID')
  assert.deepEqual((body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).toSorted(), [
    '/admin',
    '/department',
    '/email',
    '/traits',
    '/username',
  ])
  assert.deepEqual(host.at('/gateway/id-mint/mint'), [])
})

for (const [what, body, headers, status, code] of [
  ['no JSON', '{', {}, 400, 'JSON_INVALID'],
  ['no object', '[1]', {}, 400, 'USER_INVALID'],
  ['another type', 'username=ada', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'TYPE_UNKNOWN'],
  ['too much', JSON.stringify({ username: 'a'.repeat(70_000) }), {}, 413, 'BODY_TOO_LARGE'],
  ['a bad address', { ...ADA, email: 'ada at openlab' }, {}, 400, 'USER_INVALID'],
  ['traits that are no list', { ...ADA, traits: 'viewer' }, {}, 400, 'USER_INVALID'],
] as const)
  test(`refuses ${what}`, async (context) => {
    const { plugin } = await running(context)
    const reply = await plugin.call('POST', '/api/users', body, headers)
    assert.deepEqual([reply.status, reply.body['code']], [status, code])
  })

test('refuses a name or address that is taken, whatever its case', async (context) => {
  const { host, plugin } = await running(context)
  await plugin.call('POST', '/api/users', ADA)
  for (const [change, what] of [
    [{ username: 'ADA', email: 'other@openlab.test' }, /username "ADA"/],
    [{ username: 'other', email: 'Ada@OpenLab.test' }, /email "Ada@OpenLab.test"/],
  ] as const) {
    const { status, body } = await plugin.call('POST', '/api/users', { ...ADA, ...change })
    assert.deepEqual([status, body['code']], [409, 'USER_DUPLICATE'])
    assert.match(String(body['detail']), what)
  }
  assert.equal(host.at('/gateway/id-mint/mint').length, 1)
})

test('gives a name to one of three who ask for it at once', async (context) => {
  const { plugin } = await running(context)
  const replies = await Promise.all([1, 2, 3].map(() => plugin.call('POST', '/api/users', ADA)))
  assert.deepEqual(replies.map(({ status }) => status).toSorted(), [201, 409, 409])
})

test('creates nothing when id-mint does not answer', async (context) => {
  const { host, plugin } = await running(context)
  host.answers['/gateway/id-mint/mint'] = () => ({ status: 403, body: { code: 'PERMISSION_DENIED', detail: 'no' } })
  const { status, body } = await plugin.call('POST', '/api/users', ADA)
  assert.deepEqual([status, body['code']], [502, 'HOST_FAILED'])
  assert.match(String(body['detail']), /403: PERMISSION_DENIED no/)
  for (const ids of [[], ['a b\n'], 'abc', [7]]) {
    host.answers['/gateway/id-mint/mint'] = () => ({ status: 200, body: { ids } })
    assert.equal((await plugin.call('POST', '/api/users', ADA)).status, 502)
  }
  assert.deepEqual(host.at('/messaging/events'), [])
})

test('takes the example and answers like it', async (context) => {
  const { plugin } = await running(context)
  const read = (name: string): Record<string, unknown> =>
    JSON.parse(readFileSync(new URL(`../examples/${name}.json`, import.meta.url), 'utf8')) as Record<string, unknown>
  const { body } = await plugin.call('POST', '/api/users', read('create_user_request'))
  const { id: _, created_at: __, ...wanted } = read('create_user_response')
  const { id, created_at, ...profile } = body
  assert.deepEqual(profile, wanted)
  assert.deepEqual([typeof id, typeof created_at], ['string', 'string'])
})
