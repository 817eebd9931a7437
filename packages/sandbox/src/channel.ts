import type { Duplex } from 'node:stream'
import { asTenonError, limits, TenonError, type Json, type JsonObject, type World } from '@tenon/contract'
import { deadlinesOf, type Deadlines } from './deadlines.ts'
import { encodeFrame, frameReader, violation } from './frames.ts'
import { quickAnswers } from './quick-answers.ts'
import { errorFromWire, isObject, wireError } from './wire-error.ts'

/**
 * `traceId` is that of the open call on whose behalf the plugin says it asks. `give` hands it a part of the answer, and
 * settles when the plugin has taken it.
 */
export type HandlerContext = {
  signal: AbortSignal
  traceId: string | undefined
  give: (part: Json) => Promise<void>
}

/** What a plugin may ask for, by method. What is not here is refused. */
export type Handlers = Readonly<Record<string, (params: Json, context: HandlerContext) => Promise<Json>>>

/** Takes a part of an answer; the next one does not come before this settles. */
export type Take = (part: Json) => Promise<void>

/**
 * Without a deadline, a request ends with its answer or with the channel. With `take` the answer may come in parts, and the
 * deadline is one for each of them, and for taking it.
 */
export type RequestOptions = {
  signal?: AbortSignal | undefined
  deadlineMs?: number
  traceId?: string
  take?: Take | undefined
}

type Pending = {
  settle: (answer: { result: Json } | { error: TenonError }) => void
  traceId: string | undefined
  take: Take | undefined
  /** Whether a part is being taken. */
  isTaking: boolean
}

/** A part of the answer to the request that is named, in either direction; it is answered when it was taken. */
const PART = '$/part'

/** A plugin that sends nothing but notifications may send this many a second. */
const NOTIFICATIONS_PER_SECOND = 2_000

type ChannelOrder = {
  world: World
  stream: Duplex
  handlers: Handlers
  /** The plugin broke the protocol; the channel is closed already. */
  onViolation: (error: TenonError) => void
}

/** The host's end of JSON-RPC with a plugin that may be hostile. Invariant: every open request, in either direction, is in one of the two maps. */
export class Channel {
  readonly #order: ChannelOrder
  readonly #reader = frameReader()
  readonly #asked = new Map<number, Pending>()
  readonly #serving = new Map<number, AbortController>()
  #lastAsked = 0
  #lastServed = 0
  readonly #deadlines: Deadlines
  readonly #lookFor = quickAnswers()
  /** What waits until the plugin has read more. */
  readonly #held: Buffer[] = []
  #isFull = false
  #endPartial: (() => void) | undefined
  #closed: TenonError | undefined
  #notifications = { count: 0, since: 0 }

  constructor(order: ChannelOrder) {
    this.#order = order
    this.#deadlines = deadlinesOf(order.world)
    order.stream.on('data', (chunk: Buffer) => this.#guard(() => this.#receive(chunk)))
    order.stream.on('drain', () => this.#writeHeld())
  }

  /** Asks the plugin. Rejects with its error, CALL_TIMEOUT, CALL_CANCELLED, PLUGIN_BUSY, or what the channel was closed with. */
  async request(method: string, params: JsonObject, options: RequestOptions): Promise<Json> {
    const { signal, deadlineMs, traceId, take } = options
    if (this.#closed !== undefined) throw this.#closed
    if (signal?.aborted === true) throw cancelled(method)
    if (this.#asked.size >= limits.callsInFlightMax)
      throw new TenonError('PLUGIN_BUSY', `the plugin has ${this.#asked.size} calls open`, {
        hint: 'Call again later.',
      })
    const id = ++this.#lastAsked
    const frame = encodeFrame({ jsonrpc: '2.0', id, method, params })
    const abandon = (error: TenonError): void => {
      this.#asked.get(id)?.settle({ error })
      this.#write(encodeFrame({ jsonrpc: '2.0', method: '$/cancel', params: { id } }))
    }
    const onAbort = (): void => abandon(cancelled(method))
    signal?.addEventListener('abort', onAbort, { once: true })
    const late = (): void =>
      abandon(new TenonError('CALL_TIMEOUT', `${method} was not answered within ${deadlineMs} ms`))
    let callOff = (): void => {}
    const expect = (): void => {
      callOff()
      if (deadlineMs !== undefined) callOff = this.#deadlines.after(deadlineMs, late)
    }
    const taking = take && takingIn(take, { expect, abandon, givenUp: () => cancelled(method) })
    expect()
    try {
      return await new Promise<Json>((resolve, reject) => {
        // An abandoned request stays open, and counts, until the plugin answers it.
        const settle: Pending['settle'] = (answer) =>
          'error' in answer ? reject(answer.error) : resolve(answer.result)
        this.#asked.set(id, { settle, traceId, take: taking?.take, isTaking: false })
        this.#write(frame)
        this.#lookFor(() => this.#asked.has(id))
      })
    } finally {
      callOff()
      taking?.end()
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Ends every open request, in both directions, with this error. */
  close(error: TenonError): void {
    if (this.#closed !== undefined) return
    this.#closed = error
    this.#deadlines.close()
    this.#held.length = 0
    for (const { settle } of this.#asked.values()) settle({ error })
    for (const controller of this.#serving.values()) controller.abort(error)
    this.#asked.clear()
    this.#order.stream.destroy()
  }

  #guard(work: () => void): void {
    try {
      if (this.#closed === undefined) work()
    } catch (thrown) {
      const error = asTenonError(thrown)
      this.close(error)
      this.#order.onViolation(error)
    }
  }

  #receive(chunk: Buffer): void {
    const messages = this.#reader.push(chunk)
    if (messages.length > 0 || !this.#reader.isPartial()) this.#restCame()
    for (const message of messages) this.#take(message)
    if (this.#reader.isPartial()) this.#expectRest()
  }

  #restCame(): void {
    this.#endPartial?.()
    this.#endPartial = undefined
  }

  #expectRest(): void {
    const late = (): void => {
      throw violation(`did not finish a message within ${limits.framePartialMs} ms`)
    }
    this.#endPartial ??= this.#deadlines.after(limits.framePartialMs, () => this.#guard(late))
  }

  #take(message: Json): void {
    if (!isObject(message) || message['jsonrpc'] !== '2.0') throw violation('sent what is not JSON-RPC 2.0')
    const { id, method } = message
    if (id === undefined) return this.#takeNotification(message)
    if (typeof id !== 'number' || !Number.isSafeInteger(id)) throw violation(`used the id ${JSON.stringify(id)}`)
    if (typeof method === 'string') return this.#serve(id, method, message)
    const asked = this.#asked.get(id)
    if (asked === undefined) throw violation(`answered the request ${id}, which is not open`)
    this.#asked.delete(id)
    asked.settle(
      message['error'] === undefined
        ? { result: message['result'] ?? null }
        : { error: errorFromWire(message['error']) },
    )
  }

  #takeNotification({ method, params }: JsonObject): void {
    const now = this.#order.world.monotonic()
    if (now - this.#notifications.since > 1_000) this.#notifications = { count: 0, since: now }
    this.#notifications.count += 1
    if (this.#notifications.count > NOTIFICATIONS_PER_SECOND)
      throw violation(`sent more than ${NOTIFICATIONS_PER_SECOND} notifications in a second`)
    if (method !== '$/cancel' || !isObject(params) || typeof params['id'] !== 'number')
      throw violation(`sent the unknown notification ${JSON.stringify(method)}`)
    this.#serving.get(params['id'])?.abort(cancelled('the request'))
  }

  #serve(id: number, method: string, { params = null, call }: JsonObject): void {
    if (id <= this.#lastServed) throw violation(`used the request id ${id} again`)
    if (this.#serving.size >= limits.callsInFlightMax)
      throw violation(`has more than ${limits.callsInFlightMax} requests open`)
    this.#lastServed = id
    const controller = new AbortController()
    this.#serving.set(id, controller)
    const asked = typeof call === 'number' ? this.#asked.get(call) : undefined
    if (method === PART) return this.#takePart(id, asked, params)
    const context = { signal: controller.signal, traceId: asked?.traceId, give: this.#givingTo(id, controller.signal) }
    void this.#answer(id, () => this.#handled(method, params, context))
  }

  #takePart(id: number, asked: Pending | undefined, part: Json): void {
    if (asked?.isTaking === true) throw violation('sent a part of an answer before the one before it was taken')
    void this.#answer(id, async () => {
      if (asked?.take === undefined) throw new TenonError('CALL_CANCELLED', 'nobody takes parts of this call')
      asked.isTaking = true
      await asked.take(part).finally(() => (asked.isTaking = false))
      return null
    })
  }

  #givingTo(id: number, signal: AbortSignal): Take {
    return async (part) => void (await this.request(PART, { of: id, part }, { signal, deadlineMs: limits.callMs }))
  }

  async #answer(id: number, work: () => Promise<Json>): Promise<void> {
    const outcome = await outcomeOf(work)
    this.#serving.delete(id)
    this.#write(boundedFrame(id, outcome))
  }

  #handled(method: string, params: Json, context: HandlerContext): Promise<Json> {
    const { handlers } = this.#order
    const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined
    if (handler !== undefined) return handler(params, context)
    throw new TenonError('PERMISSION_DENIED', `this host offers no "${method}" to the plugin`)
  }

  /** In order, each when the stream has room: a plugin that does not read holds up nobody else. */
  #write(frame: Buffer): void {
    if (this.#isFull) this.#held.push(frame)
    else this.#isFull = this.#closed === undefined && !this.#order.stream.write(frame)
  }

  #writeHeld(): void {
    this.#isFull = false
    for (const frame of this.#held.splice(0)) this.#write(frame)
  }
}

type Request = { expect: () => void; abandon: (error: TenonError) => void; givenUp: () => TenonError }

/** Hands parts on until `end` says that the request is over. What fails to take one gives the request up. */
function takingIn(take: Take, { expect, abandon, givenUp }: Request): { take: Take; end: () => void } {
  const { promise: over, reject } = Promise.withResolvers<never>()
  over.catch(() => {})
  let isOver = false
  const taken: Take = async (part) => {
    if (isOver) throw givenUp()
    expect()
    await Promise.race([over, take(part)]).catch((thrown: unknown) => {
      if (!isOver) abandon(asTenonError(thrown))
      throw thrown
    })
    if (!isOver) expect()
  }
  const end = (): void => {
    isOver = true
    reject(givenUp())
  }
  return { take: taken, end }
}

async function outcomeOf(work: () => Promise<Json>): Promise<JsonObject> {
  try {
    return { result: await work() }
  } catch (thrown) {
    return { error: wireError(asTenonError(thrown)) }
  }
}

/** A result that is too large is the caller's fault to know, not a reason to leave it waiting. */
function boundedFrame(id: number, answer: JsonObject): Buffer {
  try {
    return encodeFrame({ jsonrpc: '2.0', id, ...answer })
  } catch (thrown) {
    return encodeFrame({ jsonrpc: '2.0', id, error: wireError(asTenonError(thrown)) })
  }
}

const cancelled = (what: string): TenonError => new TenonError('CALL_CANCELLED', `${what} was cancelled`)
