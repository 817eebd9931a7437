import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits, type Json } from '@tenon/contract'
import { codeOf, pluginFrom, pluginWith, python } from './sandboxed.ts'

const options = { traceId: 't' }

/** Code that talks past the guest: `send` frames a text, `raw` sends bytes. */
const PRELUDE = `import fs from 'node:fs'
const raw = (bytes) => {
  for (let at = 0; at < bytes.length; )
    try { at += fs.writeSync(3, bytes, at) } catch (error) { if (error.code !== 'EAGAIN') throw error }
}
const header = (length) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(length); return bytes }
const send = (value) => { const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)); raw(Buffer.concat([header(body.length), body])) }
const ask = (id, more = {}) => send({ jsonrpc: '2.0', id, method: 'kv.get', params: {}, ...more })
`

const ATTACKS: [name: string, code: string, why: string][] = [
  ['announces a huge message', `raw(header(0xffffffff))`, 'announced a message of 4294967295 bytes'],
  ['sends deep JSON', `send('['.repeat(100_000) + ']'.repeat(100_000))`, 'nested deeper than 32'],
  ['sends what is not JSON', `send('{"jsonrpc')`, 'not JSON'],
  ['sends what is not UTF-8', `raw(Buffer.concat([header(2), Buffer.from([0xff, 0xfe])]))`, 'not JSON'],
  ['sends what is not JSON-RPC', `send([1])`, 'not JSON-RPC'],
  ['answers what nobody asked', `send({ jsonrpc: '2.0', id: 999, result: 1 })`, 'answered the request 999'],
  ['uses an id that is no number', `ask('one')`, 'used the id "one"'],
  ['uses an id again', `ask(5); ask(5)`, 'request id 5 again'],
  ['asks without end', `for (let id = 1; id < 200; id++) ask(id, { method: 'slow' })`, 'more than 64 requests open'],
  ['notifies of what nobody knows', `send({ jsonrpc: '2.0', method: 'hello' })`, 'unknown notification'],
  [
    'notifies without end',
    `for (let n = 0; n < 3_000; n++) send({ jsonrpc: '2.0', method: '$/cancel', params: { id: 1 } })`,
    'notifications in a second',
  ],
]

describe.each(ATTACKS)('a plugin that %s', (_, attack, why) => {
  const handlers = { slow: () => new Promise<never>(() => {}), 'kv.get': async () => ({}) }

  test('at its start does not start', async () => {
    const source = `${PRELUDE}${attack}; await new Promise((resolve) => setTimeout(resolve, 5_000)); export default { operations: {} }`
    await expect(pluginFrom('A', source, { handlers })).rejects.toMatchObject({
      code: 'PROTOCOL_VIOLATION',
      message: expect.stringContaining(why),
    })
  })

  test('during a call is ended, and the call fails', async () => {
    const source = `${PRELUDE}export default { operations: { attack: async () => { ${attack}; await new Promise((resolve) => setTimeout(resolve, 5_000)) } } }`
    const plugin = await pluginFrom('A', source, { handlers })
    expect(await codeOf(plugin.call('attack', null, options))).toBe('PROTOCOL_VIOLATION')
    expect(await plugin.ended).toMatchObject({
      reason: 'killed',
      evidence: { code: 'PROTOCOL_VIOLATION' },
      message: expect.stringContaining(why),
    })
  })
})

test('a message that is begun and never ended is waited for two seconds, however it drips', async () => {
  const plugin = await pluginFrom(
    'A',
    `${PRELUDE}export default { operations: { drip: () => { raw(header(1000)); setInterval(() => raw(Buffer.from(' ')), 500); return new Promise(() => {}) } } }`,
  )
  const startedAt = performance.now()
  await expect(plugin.call('drip', null, options)).rejects.toMatchObject({
    code: 'PROTOCOL_VIOLATION',
    message: expect.stringContaining('2000 ms'),
  })
  expect(performance.now() - startedAt).toBeLessThan(30_000)
})

test('a message in many small pieces is put together', async () => {
  const plugin = await pluginFrom(
    'A',
    `${PRELUDE}export default { operations: { pieces: async () => {
      const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'kv.get', params: { text: 'ü[{"\\\\' + '['.repeat(50) } }))
      for (const byte of Buffer.concat([header(body.length), body])) { raw(Buffer.from([byte])); await new Promise((resolve) => setImmediate(resolve)) }
      return 'sent'
    } } }`,
    { handlers: { 'kv.get': async (params) => params } },
  )
  // The guest did not ask this itself and drops the answer; the host took it for what it is.
  expect(await plugin.call('pieces', null, options)).toBe('sent')
})

/** What stands around the input of a call: the message and its parameters. */
const ENVELOPE_DEPTH = 2

/** Nesting, counted on the value itself. */
const depthOf = (value: Json): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

const TEXTS = ['', '[', '}', '"', '\\', '\\"', '{"a":[', ']\\\\"[', 'ä😀"', '\n\\']
const text = fc.array(fc.constantFrom(...TEXTS), { maxLength: 5 }).map((parts) => parts.join(''))
/** Texts around each other, each level a list or an object. */
const nested = fc
  .array(fc.tuple(text, fc.boolean()), { minLength: 20, maxLength: 36 })
  .map((levels) =>
    levels.reduce<Json>(
      (inner, [label, isList]) => (isList ? [label, inner] : { [`${label}x`]: inner, y: label }),
      null,
    ),
  )

test('how deep a message is nested is told from its bytes as from its value, whatever its texts hold', async () => {
  const plugin = await pluginWith('A', `weigh: (value) => JSON.stringify(value).length`)
  await fc.assert(
    fc.asyncProperty(nested, async (value) => {
      const fits = depthOf(value) + ENVELOPE_DEPTH <= limits.frameDepthMax
      expect(await codeOf(plugin.call('weigh', value, options))).toBe(fits ? 'no error' : 'QUOTA_EXCEEDED')
    }),
  )
})

test.each(['toString', 'constructor', '__proto__'])(
  'the method %s, which every object has, is not offered',
  async (method) => {
    const plugin = await pluginFrom(
      'A',
      `${PRELUDE}const answer = () => {
      for (const bytes = Buffer.alloc(4_096); ; )
        try { return JSON.parse(bytes.subarray(4, fs.readSync(3, bytes)).toString()) } catch (error) { if (error.code !== 'EAGAIN') throw error }
    }
    export default { operations: { probe: (method) => { ask(1, { method }); return answer() } } }`,
    )
    expect(await plugin.call('probe', method, options)).toMatchObject({
      error: { data: { code: 'PERMISSION_DENIED' } },
    })
  },
)

test.each([
  ['null', `null`, []],
  ['names that are none', `{ operations: [1, 'a', null], events: 'b' }`, ['a']],
])('a start that a plugin answers itself, with %s, offers what can be a name and no more', async (_, answer, names) => {
  const source = `${PRELUDE}send({ jsonrpc: '2.0', id: 1, result: ${answer} }); await new Promise(() => {})`
  expect(await pluginFrom('A', source)).toMatchObject({ operations: names, events: [] })
})

test('a plugin that says nothing at its start misses a deadline', async () => {
  const startedAt = performance.now()
  await expect(pluginFrom('A', `for (;;);`)).rejects.toMatchObject({
    code: 'PLUGIN_START_FAILED',
    message: expect.stringContaining('10000 ms'),
  })
  expect(performance.now() - startedAt).toBeLessThan(30_000)
})

test('a plugin that does not read its channel stops nobody but itself', async () => {
  const source = `${PRELUDE}export default { operations: { sleep: () => { const end = Date.now() + 3_000; while (Date.now() < end); }, echo: (x) => x.length } }`
  const [deaf, other] = await Promise.all([pluginFrom('A', source), pluginWith('A', `echo: (x) => x.length`)])
  const sleeping = codeOf(deaf.call('sleep', null, { ...options, deadlineMs: 300 }))
  const waiting = Array.from({ length: 10 }, () =>
    codeOf(deaf.call('echo', 'x'.repeat(500_000), { ...options, deadlineMs: 300 })),
  )
  expect(await other.call('echo', 'y', options)).toBe(1)
  expect(new Set(await Promise.all([sleeping, ...waiting]))).toEqual(new Set(['CALL_TIMEOUT']))
})

test('an error that a plugin makes up is still an error of a plugin', async () => {
  const plugin = await pluginFrom(
    'A',
    `${PRELUDE}export default { operations: { odd: () => new Promise(() => { send({ jsonrpc: '2.0', id: 2, error: 7 }) }), null: () => new Promise(() => { send({ jsonrpc: '2.0', id: 3, error: { message: 1, data: { code: 'toString', details: [], hint: 2 } } }) }) } }`,
  )
  await expect(plugin.call('odd', null, options)).rejects.toMatchObject({ code: 'OPERATION_FAILED', details: {} })
  await expect(plugin.call('null', null, options)).rejects.toMatchObject({
    code: 'OPERATION_FAILED',
    details: { pluginCode: 'toString' },
  })
})

test('a job that breaks the protocol has not completed', async () => {
  const { report } = await python('A', `os.write(3, b'\\xff\\xff\\xff\\xff'); time.sleep(5)`)
  expect(report).toMatchObject({
    completed: false,
    exit: { reason: 'killed', evidence: { code: 'PROTOCOL_VIOLATION' } },
  })
})
