/**
 * The plugin's side of the channel: the program that Node runs inside the sandbox. One file, no package, so that it can
 * be handed in as verified bytes. The host is trusted here; the host trusts nothing that comes from here.
 */
import type { Context, FetchAnswer, Kv, Plugin } from '@tenon/sdk'
import type { EventRecord, Json, JsonObject } from '@tenon/contract'

// To import them as modules would take each start 3 ms longer.
const { registerHooks } = process.getBuiltinModule('node:module')
const { Socket } = process.getBuiltinModule('node:net')
const { pathToFileURL } = process.getBuiltinModule('node:url')

const CHANNEL = 3
const HEADER_BYTES = 4
const BRIDGE = './bridge.mjs'
const HANDED_OVER = './handed-over.mjs'
/** A part of an answer, in either direction; it is answered when it was taken. */
const PART = '$/part'

type Bounds = { frameBytes: number; depthMax: number; openMax: number }
/** What the host sends with its methods; each has those that it needs. */
type Params = {
  id: number
  traceId?: string
  entry: string
  text?: string
  limits: Bounds
  hasWayOut: boolean
  operation: string
  input: Json
  service: string
  request: Json
  event: EventRecord
  next: Json
  before: Json
  to: number
  values: JsonObject
  of: number
  part: Json
}
type Message = { id: number; method?: string; params: Params; result?: Json; error?: HostError }
type HostError = { message: string; data: { [name: string]: Json } }
type Give = (part: Json) => Promise<void>
type Open = { resolve(value: Json): void; reject(error: Error): void; take: Give | undefined }

const socket = new Socket({ fd: CHANNEL, readable: true, writable: true })
const asked = new Map<number, Open>()
const serving = new Map<number, AbortController>()
const waiting: (() => void)[] = []
let bounds: Bounds = { frameBytes: 1_048_576, depthMax: 32, openMax: 64 }
let plugin: Plugin = { operations: {} }
/** What was handed in of the plugin's code so far. */
let codeSoFar = ''
let isStarted = false
let lastAsked = 0
/** What was received and not read, in bytes, and what the next message takes. */
let received: Buffer[] = []
let receivedBytes = 0
let messageBytes = 0

socket.on('data', (chunk: Buffer) => {
  received.push(chunk)
  receivedBytes += chunk.length
  if (receivedBytes < messageBytes) return
  const all = received.length === 1 ? chunk : Buffer.concat(received)
  let begin = 0
  for (let end = endOfFrame(all, begin); end <= all.length; end = endOfFrame(all, begin)) {
    receive(JSON.parse(all.toString('utf8', begin + HEADER_BYTES, end)))
    begin = end
  }
  receivedBytes = all.length - begin
  received = receivedBytes === 0 ? [] : [all.subarray(begin)]
  messageBytes = endOfFrame(all, begin) - begin
})
socket.on('close', () => process.exit(0))

/** Of its header, where that is not there yet. */
function endOfFrame(bytes: Buffer, begin: number): number {
  const end = begin + HEADER_BYTES
  return end > bytes.length ? end : end + bytes.readUInt32BE(begin)
}

function receive({ id, method, params, result, error }: Message): void {
  if (method === '$/cancel') return serving.get(params.id)?.abort(failed('CALL_CANCELLED', 'the caller gave up'))
  if (method !== undefined) return void serve(id, method, params)
  const open = asked.get(id)
  asked.delete(id)
  waiting.shift()?.()
  if (error === undefined) open?.resolve(result ?? null)
  else open?.reject(hostError(error))
}

async function serve(id: number, method: string, params: Params): Promise<void> {
  const controller = new AbortController()
  serving.set(id, controller)
  const context = contextFor(id, params.traceId ?? '', controller.signal)
  const give: Give = async (part) => void (await request(PART, part, { call: id, signal: controller.signal }))
  const answer = await answerTo(id, method, params, { context, give })
  serving.delete(id)
  socket.write(answer)
}

type Around = { context: Context; give: Give }

async function answerTo(id: number, method: string, params: Params, around: Around): Promise<Buffer> {
  try {
    const result = ((await METHODS[method]?.(params, around)) ?? null) as Json
    if (typeof result === 'function') throw new TypeError('a function is no answer')
    return framed({ jsonrpc: '2.0', id, result })
  } catch (thrown) {
    return framed({ jsonrpc: '2.0', id, error: errorOf(thrown) })
  }
}

const METHODS: Record<string, (params: Params, around: Around) => unknown> = {
  code: ({ text = '' }) => void (codeSoFar += text),
  async load({ entry, text, limits, hasWayOut }) {
    bounds = limits
    refuseCodeOfText()
    if (hasWayOut) await ((await import(BRIDGE)) as typeof import('./bridge.ts')).openBridge()
    else refuseFetch()
    const module = await (text === undefined ? imported(entry) : handedIn(entry, codeSoFar + text))
    if (typeof module.default?.operations !== 'object')
      throw failed('PLUGIN_START_FAILED', 'the entry has no default export made by definePlugin')
    plugin = module.default
    return { operations: Object.keys(plugin.operations), events: Object.keys(plugin.events ?? {}) }
  },
  async migrate({ to }, { context }) {
    await stepTo(plugin.migrations, to).up(context.kv)
  },
  migrateSettings: ({ to, values }) => stepTo(plugin.settingsMigrations, to).up(values),
  async start(_params, { context }) {
    await plugin.start?.(context)
    isStarted = true
  },
  async call(params, { context }) {
    const answer = await performed(params, context)
    return isParts(answer) ? collected(answer) : answer
  },
  async stream(params, { context, give }) {
    const answer = await performed(params, context)
    if (!isParts(answer)) return { answer }
    for await (const part of answer) await give(part)
    return {}
  },
  [PART]: ({ of, part }) => asked.get(of)?.take?.(part),
  serve({ service, request: wanted }, { context }) {
    const services = plugin.services ?? {}
    const answer = Object.hasOwn(services, service) ? services[service] : undefined
    if (answer === undefined) throw failed('SERVICE_UNKNOWN', `the plugin has no service "${service}"`)
    return answer.call(services, wanted, context)
  },
  async event({ event }, { context }) {
    const { type } = event
    const handler = Object.hasOwn(plugin.events ?? {}, type) ? plugin.events?.[type] : undefined
    if (handler === undefined) throw failed('EVENT_INVALID', `the plugin does not handle "${type}"`)
    await handler.call(plugin.events, event, context)
  },
  async configure({ next, before }, { context }) {
    await plugin.configChanged?.(next, before, context)
  },
  async ping(_params, { context }) {
    await plugin.health?.(context)
  },
  async stop(_params, { context }) {
    if (isStarted) await plugin.stop?.(context)
  },
}

/**
 * Refuses `eval` and the constructors of functions. Node's own flag for it makes V8 compile anew what Node has compiled
 * ahead, and lets as much through: text is made code by `node:vm` and by imports of `data:` either way.
 */
function refuseCodeOfText(): void {
  const refuse = (): never => {
    throw new EvalError('code is not made from text in a plugin')
  }
  const refusing = <F extends object>(make: F): F => new Proxy(make, { apply: refuse, construct: refuse })
  const plain = refusing(Function)
  for (const kind of [() => {}, async () => {}, function* () {}, async function* () {}]) {
    const { constructor } = kind
    const value = constructor === Function ? plain : refusing(Object.setPrototypeOf(constructor, plain) as object)
    Object.defineProperty(Object.getPrototypeOf(kind), 'constructor', { value })
  }
  const { eval: evaluate } = globalThis
  Object.assign(globalThis, { Function: plain, eval: refusing(evaluate) })
}

const imported = async (entry: string): Promise<{ default?: Plugin }> => import(entry)

/** Imports a text as the module that would be at a path, for itself too. */
function handedIn(entry: string, source: string): Promise<{ default?: Plugin }> {
  const { href: url } = pathToFileURL(entry)
  registerHooks({
    resolve: (specifier, context, next) =>
      URL.parse(specifier, context.parentURL)?.href === url
        ? { url, format: 'module', shortCircuit: true }
        : next(specifier, context),
    load: (wanted, context, next) =>
      wanted === url ? { format: 'module', source, shortCircuit: true } : next(wanted, context),
  })
  codeSoFar = ''
  return imported(entry)
}

function performed({ operation: name, input }: Params, context: Context): unknown {
  const perform = Object.hasOwn(plugin.operations, name) ? plugin.operations[name] : undefined
  if (perform === undefined) throw failed('OPERATION_UNKNOWN', `the plugin has no operation "${name}"`)
  return perform.call(plugin.operations, input, context)
}

const isParts = (answer: unknown): answer is AsyncIterable<Json> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer

/** For who did not ask for parts, while they fit into one message. */
async function collected(parts: AsyncIterable<Json>): Promise<Json[]> {
  const all: Json[] = []
  let bytes = 0
  for await (const part of parts) {
    all.push(part)
    bytes += Buffer.byteLength(JSON.stringify(part))
    if (bytes > bounds.frameBytes)
      throw failed('QUOTA_EXCEEDED', `the parts of the answer are over ${bounds.frameBytes} bytes together`, {
        hint: 'Ask for them as a stream.',
      })
  }
  return all
}

function stepTo<Step extends { to: number }>(steps: readonly Step[] = [], to: number): Step {
  const step = steps.find((candidate) => candidate.to === to)
  if (step === undefined) throw failed('MIGRATION_FAILED', `the plugin has no migration to version ${to}`)
  return step
}

function contextFor(call: number, traceId: string, signal: AbortSignal): Context {
  const ask = (method: string, params: object) => request(method, params as JsonObject, { call, signal })
  const tell = async (method: string, params: object): Promise<void> => void (await ask(method, params))
  return {
    signal,
    traceId,
    kv: {
      ...kvOver((work, params) => ask(`kv.${work}`, params)),
      of: (owner) => kvOver((work, params) => ask('kv.of', { ...params, plugin: owner, work })),
    },
    events: { publish: (type, payload, options = {}) => tell('events.publish', { type, payload, ...options }) },
    call: (target, operation, input) => ask('call', { plugin: target, operation, input }),
    stream: (target, operation, input) =>
      streamed({ plugin: target, operation, input }, (over) => ({ call, signal: AbortSignal.any([signal, over]) })),
    services: { call: (service, wanted) => ask('services.call', { service, request: wanted }) },
    fetch: async (wanted) => (await ask('fetch', wanted)) as FetchAnswer,
    log: (level, message, fields = {}) => tell('log', { level, message, fields }),
    audit: (action, target, details = {}) => tell('audit', { action, target, details }),
    config: { get: () => ask('config.get', {}) },
    secrets: { get: async (name) => ((await ask('secrets.get', { name })) as { value?: string }).value },
    progress: (fraction, message) => tell('progress', message === undefined ? { fraction } : { fraction, message }),
  }
}

async function* streamed(wanted: JsonObject, behalf: (over: AbortSignal) => Behalf): AsyncGenerator<Json> {
  const { handedOver } = (await import(HANDED_OVER)) as typeof import('./handed-over.ts')
  yield* handedOver<Json>((take, over) => request('stream', wanted, { ...behalf(over), take }))
}

/** The call on whose behalf something is asked, when that is given up, and what takes the parts of the answer. */
type Behalf = { call: number; signal: AbortSignal; take?: Give }

const kvOver = (ask: (work: string, params: object) => Promise<Json>): Kv => ({
  get: async (key) => ((await ask('get', { key })) as JsonObject)['value'],
  set: async (key, value, lifetime = {}) => void (await ask('set', { key, value, ...lifetime })),
  delete: async (key) => void (await ask('delete', { key })),
  list: async (prefix = '', page = {}) => ((await ask('list', { prefix, ...page })) as { keys: string[] }).keys,
  compareAndSet: async (key, expected, next) => (await ask('compareAndSet', { key, expected, next })) === true,
  transaction: async (wanted) => (await ask('transaction', wanted)) === true,
})

/** Asks the host; waits while as many requests are open as the host allows. */
async function request(method: string, params: Json, { call, signal, take }: Behalf): Promise<Json> {
  signal.throwIfAborted()
  while (asked.size >= bounds.openMax) await new Promise<void>((resolve) => waiting.push(resolve))
  const id = ++lastAsked
  const frame = framed({ jsonrpc: '2.0', id, method, params, call })
  const giveUp = (): void => void socket.write(framed({ jsonrpc: '2.0', method: '$/cancel', params: { id } }))
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    return await new Promise<Json>((resolve, reject) => {
      asked.set(id, { resolve, reject, take })
      socket.write(frame)
    })
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** A message as it travels. What the host would take for an attack is told to the caller instead. */
function framed(message: JsonObject): Buffer {
  const text = JSON.stringify(message)
  const bytes = Buffer.byteLength(text)
  if (bytes > bounds.frameBytes)
    throw failed('QUOTA_EXCEEDED', `a message of ${bytes} bytes is over ${bounds.frameBytes}`)
  if (depth(message, bounds.depthMax) > bounds.depthMax)
    throw failed('QUOTA_EXCEEDED', `a message nested deeper than ${bounds.depthMax}`)
  const frame = Buffer.allocUnsafe(HEADER_BYTES + bytes)
  frame.writeUInt32BE(bytes)
  frame.write(text, HEADER_BYTES)
  return frame
}

function depth(value: unknown, left: number): number {
  if (typeof value !== 'object' || value === null || left < 0) return 0
  let deepest = 0
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depth(inner, left - 1))
  return 1 + deepest
}

type Coded = Error & { code?: unknown; hint?: unknown; details?: unknown; permission?: string; resource?: string }

const failed = (code: string, message: string, more: object = {}): Coded =>
  Object.assign(new Error(message), { code, ...more })

const hostError = ({ message, data }: HostError): Error =>
  failed('OPERATION_FAILED', message, { name: 'TenonError', ...data })

/** An error as it crosses: its own code, or OPERATION_FAILED. What cannot cross of its details stays behind. */
function errorOf(thrown: unknown): JsonObject {
  const error: Coded = thrown instanceof Error ? thrown : new Error(String(thrown))
  const code = typeof error.code === 'string' ? error.code : 'OPERATION_FAILED'
  const message = error.message.slice(0, MESSAGE_CHARACTERS)
  const given = typeof error.hint === 'string' ? error.hint : wayOut(error)
  const hint = given === undefined ? {} : { hint: given.slice(0, MESSAGE_CHARACTERS) }
  return { code: -32_000, message, data: { code, message, ...hint, details: crossing(error.details) } }
}

const FILE_ACTIONS: Record<string, string> = { FileSystemRead: 'fs:read', FileSystemWrite: 'fs:write' }

/** What a plugin would have to ask for to do what Node refused it. */
function wayOut({ code, permission = '', resource = '' }: Coded): string | undefined {
  if (code !== 'ERR_ACCESS_DENIED') return undefined
  const action = FILE_ACTIONS[permission]
  return action === undefined
    ? 'No plugin starts programs, threads or native code of its own.'
    : `Ask for ${action}:${resource} in the permissions of plugin.spec.json.`
}

/** Where nothing was granted, no proxy is there to be asked. */
function refuseFetch(): void {
  globalThis.fetch = async (input) => {
    const url = URL.parse(input instanceof Request ? input.url : String(input))
    const hint = `Ask for net:connect:${url?.host ?? '<host>'} in the permissions of plugin.spec.json, and use ctx.fetch.`
    throw failed('PERMISSION_DENIED', 'fetch reaches nothing from here', { hint })
  }
}

const MESSAGE_CHARACTERS = 8_192

function crossing(details: unknown): Json {
  try {
    const copied = JSON.parse(JSON.stringify(details ?? {})) as Json
    framed({ around: { copied, room: 'x'.repeat(4 * MESSAGE_CHARACTERS) } })
    return copied
  } catch {
    return {}
  }
}
