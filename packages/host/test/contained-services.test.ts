import { TenonError, type ErrorCode, type Json } from '@tenon/contract'
import { price, serviceSuite, simulatedWorld, twice } from '@tenon/testkit'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { openTestHost } from './open-test-host.ts'

const service = (name: string, perSecond: number, burst: number) => ({
  ...{ name, request: 'schemas/any.schema.json', response: 'schemas/any.schema.json' },
  throttle: { perSecond, burst },
})
const both = (...capabilities: string[]) => ({ asks: capabilities, granted: capabilities })
const files = { 'schemas/any.schema.json': {} }

const SHOP: TestPlugin = {
  ...{ id: 'shop', files, ...both('service:provide:price', 'service:provide:stock') },
  source: `operations: {}, services: { price: ${price.toString()}, stock: () => 1 }`,
  spec: { services: { provides: [service('price', 1, 2), service('stock', 1, 1)] } },
}

serviceSuite(async (scripts) => {
  const operations = Object.keys(scripts).map((name) => [name, { out: {} }] as const)
  const source = Object.entries(scripts).map(([name, script]) => `${name}: (_, ctx) => (${script.toString()})(ctx)`)
  const customer: TestPlugin = {
    ...{ id: 'customer', files, operations: Object.fromEntries(operations) },
    ...both('service:call:shop/price', 'service:provide:twice'),
    source: `operations: { ${source.join()} }, services: { twice: ${twice.toString()} }`,
    spec: { services: { provides: [service('twice', 100, 100)], consumes: ['shop/price'] } },
  }
  const world = simulatedWorld(1)
  const host = await openTestHost({ world, installed: installedPlugins(SHOP, customer) })
  await host.sync()
  for (const id of ['shop', 'customer']) await host.enable(id)
  const answered = async (path: string, sent: Json): Promise<Json> => {
    const { status, text, body } = await host.admin('POST', path, sent)
    if (status === 200) return JSON.parse(text)
    throw new TenonError(body['code'] as ErrorCode, String(body['detail']))
  }
  return {
    run: (name) => answered(`/gateway/customer/${name}`, null),
    serve: (name, request) => answered(`/messaging/services/customer/${name}`, request),
    advance: (ms) => world.advance(ms),
  }
})
