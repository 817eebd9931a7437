import { expect, test } from 'vitest'
import { TenonError, type ErrorCode, type Json } from '@tenon/contract'
import { partSuite, READER, SOURCE, type PartOperations } from '@tenon/testkit'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'

const sourceOf = (operations: PartOperations): string =>
  `operations: { ${Object.entries(operations)
    .map(([name, operation]) => {
      const text = operation.toString()
      return text.startsWith('async') && text.includes(`${name}(`) ? text : `${name}: ${text}`
    })
    .join()} }`

const anyOf = (operations: PartOperations): TestPlugin['operations'] =>
  Object.fromEntries(Object.keys(operations).map((name) => [name, { in: {}, out: {} }]))

const CALLS = ['operator:call:source/count', 'operator:call:source/tear']
const PLUGINS: TestPlugin[] = [
  { id: 'source', source: sourceOf(SOURCE), operations: { ...anyOf(SOURCE) } },
  { id: 'reader', source: sourceOf(READER), operations: { ...anyOf(READER) }, asks: CALLS, granted: CALLS },
]

async function withPlugins(...plugins: TestPlugin[]): Promise<TestHost> {
  const host = await openTestHost({ installed: installedPlugins(...plugins) })
  await host.sync()
  for (const { id } of plugins) await host.enable(id)
  return host
}

const asking = (host: TestHost, path: string, input: Json, signal?: AbortSignal): Promise<Response> =>
  fetch(`${host.url}/gateway/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${host.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
    ...(signal === undefined ? {} : { signal }),
  })

type Line = { part: Json } | { end: { parts: number } } | { error: { code: ErrorCode; detail: string } }

async function* linesFrom({ body }: Response): AsyncGenerator<Line> {
  let held = ''
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (held + chunk).split('\n')
    held = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line)
  }
}

async function* partsOf(host: TestHost, path: string, input: Json): AsyncGenerator<Json> {
  const stop = new AbortController()
  try {
    for await (const line of linesFrom(await asking(host, `${path}/stream`, input, stop.signal))) {
      if ('error' in line) throw new TenonError(line.error.code, line.error.detail)
      if ('part' in line) yield line.part
    }
  } finally {
    stop.abort()
  }
}

partSuite(async () => {
  const host = await withPlugins(...PLUGINS)
  return {
    call: async (plugin, operation, input) =>
      JSON.parse(await (await asking(host, `${plugin}/${operation}`, input)).text()) as Json,
    stream: (plugin, operation, input) => partsOf(host, `${plugin}/${operation}`, input),
  }
})

const NUMBERS: TestPlugin = {
  id: 'numbers',
  source: `operations: {
    async *some({ to, wrong }) { for (let n = 0; n < to; n += 1) yield n === wrong ? 'many' : n },
    async *none() { throw new PluginError('EMPTY', 'there are none') },
    async *large() { for (let n = 0; n < 40; n += 1) yield 'x'.repeat(100_000) },
    async *slow() { yield 1; await new Promise(() => {}) },
    one: () => 7,
  }`,
  operations: {
    some: { in: {}, out: { type: 'array', minItems: 2, items: { type: 'integer' } } },
    none: {},
    large: { out: {} },
    slow: { out: {}, timeoutMs: 300 },
    one: { out: { type: 'array' } },
  },
}

test('each part is a line, then comes the end, and the ledger has the call once', async () => {
  const host = await withPlugins(NUMBERS)
  const answer = await asking(host, 'numbers/some/stream', { to: 2 })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson'])
  expect(await answer.text()).toBe('{"part":0}\n{"part":1}\n{"end":{"parts":2}}\n')
  const entries = await host.audit({ traceId: String(answer.headers.get('x-trace-id')) })
  expect(entries.map(({ action, reason }) => [action, reason])).toEqual([
    ['operator.call', 'answered'],
    ['operator.admit', 'allowed'],
  ])
})

test('a part that breaks the schema of the list is refused where it comes, and by its place', async () => {
  const host = await withPlugins(NUMBERS)
  const lines = (await (await asking(host, 'numbers/some/stream', { to: 9, wrong: 3 })).text()).trim().split('\n')
  expect(lines).toHaveLength(4)
  expect(JSON.parse(lines[3] ?? '')).toMatchObject({
    error: { code: 'OUTPUT_INVALID', errors: [{ pointer: '/3' }] },
  })
})

test('what fails before its first part is answered as any other call', async () => {
  const host = await withPlugins(NUMBERS)
  const failed = await asking(host, 'numbers/none/stream', null)
  expect([failed.status, await failed.json()]).toMatchObject([502, { code: 'OPERATION_FAILED' }])
  const wrong = await asking(host, 'numbers/one/stream', null)
  expect([wrong.status, await wrong.json()]).toMatchObject([502, { code: 'OUTPUT_INVALID' }])
  const unknown = await asking(host, 'numbers/other/stream', null)
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'OPERATION_UNKNOWN' }])
})

test('what is larger than a message comes in parts, and at once it is refused with the way out', async () => {
  const host = await withPlugins(NUMBERS)
  const parts = await Array.fromAsync(partsOf(host, 'numbers/large', null))
  expect(parts.map((part) => JSON.stringify(part).length)).toEqual(Array.from({ length: 40 }, () => 100_002))
  const refused = await asking(host, 'numbers/large', null)
  expect(await refused.json()).toMatchObject({ code: 'QUOTA_EXCEEDED', hint: 'Ask for them as a stream.' })
})

test('a part that does not come in time ends the call, after the parts before it', async () => {
  const host = await withPlugins(NUMBERS)
  const lines = (await (await asking(host, 'numbers/slow/stream', null)).text()).trim().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ part: 1 }, { error: { code: 'CALL_TIMEOUT' } }])
})
