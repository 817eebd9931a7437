import { expect, test } from 'vitest'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'
import { joined, MANIFEST, plainManifest } from './remote-plugin.ts'

const count = { type: 'object', properties: { items: { type: 'integer' } }, required: ['items'] }
const cents = { type: 'object', properties: { cents: { type: 'integer' } }, required: ['cents'] }
const files = { 'schemas/price.request.json': count, 'schemas/price.response.json': cents }
const PRICE = {
  ...{ name: 'price', request: 'schemas/price.request.json', response: 'schemas/price.response.json' },
  throttle: { perSecond: 1_000, burst: 1_000 },
}
const both = (...capabilities: string[]) => ({ asks: capabilities, granted: capabilities })

const SHOP: TestPlugin = {
  ...{ id: 'shop', files, ...both('service:provide:price') },
  source: `operations: {}, services: {
    price: ({ items }) => items < 0 ? { cents: 'many' } : { cents: items * 100 },
  }`,
  spec: { services: { provides: [PRICE] } },
}

const customer = (changes: Partial<TestPlugin> = {}): TestPlugin => ({
  ...{ id: 'customer', operations: { ask: { in: {}, out: {} } }, ...both('service:call:shop/*') },
  source: `operations: { ask: (request, ctx) => ctx.services.call('shop/price', request) }`,
  spec: { services: { consumes: ['shop/price'] } },
  ...changes,
})

async function hostOf(...plugins: TestPlugin[]): Promise<TestHost> {
  const host = await openTestHost({ installed: installedPlugins(...plugins) })
  await host.sync()
  for (const { id } of plugins) await host.enable(id)
  return host
}

const asks = (host: TestHost, request: unknown) => host.admin('POST', '/gateway/customer/ask', request)

test('a service that is asked is in the ledger with its capability, under the trace of the call', async () => {
  const host = await hostOf(SHOP, customer())
  const answer = await asks(host, { items: 2 })
  expect(answer.body).toEqual({ cents: 200 })
  const entries = await host.audit({ traceId: String(answer.headers['x-trace-id']), actor: 'plugin:customer' })
  expect(entries).toMatchObject([
    { action: 'service.call', target: 'shop/price', decision: 'allow', reason: 'answered' },
    { action: 'service.admit', target: 'shop/price', capability: 'service:call:shop/price', reason: 'allowed' },
  ])
  expect((await host.admin('GET', '/plugins/customer')).body['permissions']).toMatchObject([{ granted: true }])
})

test.each([
  ['a request', { items: 'two' }, 400, 'INPUT_INVALID', 'the request to shop/price breaks its schema at "/items"'],
  ['a response', { items: -1 }, 502, 'OUTPUT_INVALID', 'the response of shop/price breaks its schema at "/cents"'],
])('%s that breaks its schema is refused with the place', async (_what, request, status, code, message) => {
  const host = await hostOf(SHOP, customer())
  const refused = await asks(host, request)
  expect([refused.status, refused.body['code']]).toEqual([status, code])
  expect(refused.body['detail']).toContain(message)
  expect(await host.audit({ actor: 'plugin:customer', decision: 'deny' })).toMatchObject([
    { action: 'service.call', target: 'shop/price' },
  ])
  expect(host.starts()).toBe(status === 400 ? 1 : 2)
})

const CAPABILITY = 'service:call:shop/price'
const refusals: [string, Partial<TestPlugin>, string][] = [
  ['nobody granted', { granted: [] }, 'PERMISSION_DENIED: not-granted'],
  ['it does not say that it consumes', { spec: {} }, 'PERMISSION_DENIED: not-consumed'],
]

test.each(refusals)('a service that %s is refused, whether it is there or not', async (_what, changes, reason) => {
  for (const others of [[SHOP], []]) {
    const host = await hostOf(...others, customer(changes))
    const refused = await asks(host, { items: 1 })
    expect([refused.status, refused.body['code']]).toEqual([403, 'PERMISSION_DENIED'])
    expect(await host.audit({ actor: 'plugin:customer', decision: 'deny' })).toMatchObject([
      { action: 'service.call', capability: CAPABILITY, reason },
    ])
  }
})

test('a service is provided only while that is granted to its plugin, and while that is active', async () => {
  const host = await hostOf({ ...SHOP, granted: [] }, customer())
  const refused = await asks(host, { items: 1 })
  expect([refused.status, refused.body['detail']]).toEqual([403, 'service:provide:price is not granted to "shop"'])
  host.installed.grant('shop', ['service:provide:price'])
  expect((await asks(host, { items: 1 })).status).toBe(200)
  await host.admin('POST', '/admin/plugins/shop/disable')
  expect((await asks(host, { items: 1 })).body['code']).toBe('PLUGIN_DISABLED')
})

test('a service that is not there is answered 404, also where a plugin of another kind would be asked', async () => {
  const remote = { runtime: { kind: 'remote', endpoints: { price: '/price' } }, services: { provides: [PRICE] } }
  const far: TestPlugin = { id: 'far', ...both('service:provide:price'), spec: remote }
  const host = await hostOf(SHOP)
  host.installed.install({
    ...far,
    spec: {
      ...remote,
      ...{ traits: ['audit_required'], contracts: ['FarPlugin'], publisher: 'a', compliance: { auditLevel: 'basic' } },
      security: { authenticationRequired: true, dataClassification: ['internal'] },
    },
  })
  await joined(host, plainManifest('far'))
  const ask = (path: string) => host.admin('POST', `/messaging/services/${path}`, { items: 1 })
  for (const path of ['shop/stock', 'shop/constructor', 'far/price'])
    await host.refused(await ask(path), 404, 'SERVICE_UNKNOWN')
  await host.refused(await ask('nobody/price'), 404, 'PLUGIN_UNKNOWN')
  expect(host.starts()).toBe(0)
})

test('each caller has a throttle of its own, and is told when to ask again', async () => {
  const throttle = { perSecond: 0.001, burst: 1 }
  const shop = { ...SHOP, spec: { services: { provides: [{ ...PRICE, throttle }] } } }
  const host = await hostOf(shop, customer())
  expect((await asks(host, { items: 1 })).status).toBe(200)
  const throttled = await asks(host, { items: 1 })
  expect([throttled.status, throttled.body['code']]).toEqual([429, 'SERVICE_THROTTLED'])
  expect(throttled.body['detail']).toBe('shop/price takes no more than 0.001 a second, 1 at once, from each caller')
  expect(throttled.body['hint']).toMatch(/^Ask again in \d+ ms\.$/)
  expect((await host.admin('POST', '/messaging/services/shop/price', { items: 1 })).status).toBe(200)
  expect(await host.audit({ action: 'service.call', decision: 'deny' })).toMatchObject([
    { actor: 'plugin:customer', reason: 'SERVICE_THROTTLED' },
  ])
})

test('what is refused for another reason takes nothing of the throttle', async () => {
  const throttle = { perSecond: 0.001, burst: 1 }
  const host = await hostOf({ ...SHOP, spec: { services: { provides: [{ ...PRICE, throttle }] } } }, customer())
  for (const request of [{}, { items: 'x' }]) expect((await asks(host, request)).body['code']).toBe('INPUT_INVALID')
  expect((await asks(host, { items: 1 })).status).toBe(200)
})

test('a service of a plugin that holds data of persons is for those that say they handle it', async () => {
  const security = { authenticationRequired: true, dataClassification: ['pii'] }
  const personal = { contracts: ['ShopPlugin'], traits: ['handles_pii'], security }
  const host = await hostOf({ ...SHOP, spec: { ...SHOP.spec, ...personal } }, customer())
  const refused = await asks(host, { items: 1 })
  expect([refused.status, refused.body['detail']]).toEqual([403, expect.stringContaining('handles_pii')])
})

test('a remote plugin asks with its token, for what it may', async () => {
  const host = await hostOf(SHOP)
  const token = await joined(host, MANIFEST)
  const refused = await host.as(token, 'POST', '/messaging/services/shop/price', { items: 1 })
  expect(await host.refused(refused, 403, 'PERMISSION_DENIED')).toMatchObject({ actor: 'plugin:user-management' })
})
