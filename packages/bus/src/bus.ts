import {
  assert,
  canonicalJson,
  capabilityFault,
  limits,
  TenonError,
  type EventBus,
  type EventHandler,
  type EventRecord,
  type EventSubscription,
  type World,
} from '@tenon/contract'
import { openReader, type GroupWriter } from '@tenon/database'
import { startDelivery, type Delivery } from './delivery.ts'
import {
  appendEvent,
  beginSubscription,
  cursorOf,
  eventProblems,
  forgetSubscription,
  readDeadLetters,
  readLog,
  type DeadLetter,
  type LoggedEvent,
  type SubscriptionName,
} from './event-table.ts'
import { openEventTypes, type EventType, type EventTypes } from './event-types.ts'

export type Page = { after?: number; limit: number }

export type Bus = EventBus & {
  /** Ends a subscription for good: the next of its name begins behind the last event. */
  unsubscribe(name: SubscriptionName): Promise<void>
  /** From now on events of this type and version must fit the schema. */
  registerEventType(eventType: EventType): Promise<void>
  eventTypes(): EventType[]
  /** Events in the order of the log: those after a position, or the newest. */
  tail(page: Page): LoggedEvent[]
  /** What was given up, oldest first. */
  deadLetters(page: Page): DeadLetter[]
  /** Waits for the handlers that are at work. */
  close(): Promise<void>
}

/** Opens the bus over a writer whose migrations hold `busMigrations`. */
export function openBus({ writer, world }: { writer: GroupWriter; world: World }): Bus {
  const reader = openReader(writer.path)
  const types = openEventTypes(reader, writer)
  const deliveries = new Map<string, Delivery>()
  let fault: unknown
  // Without its log a bus can keep no promise, so the next publisher learns of it.
  const onFault = (thrown: unknown): void => void (fault ??= thrown)

  const publish = async (event: EventRecord): Promise<void> => {
    if (fault !== undefined) throw fault
    const body = checkedBody(event, types)
    await writer.write([appendEvent(event, body)])
    for (const delivery of deliveries.values()) delivery.wake()
  }
  const subscribe = async (name: SubscriptionName, handler: EventHandler): Promise<EventSubscription> => {
    refusePattern(name.pattern)
    const key = keyOf(name)
    if (deliveries.has(key)) throw alreadySubscribed(name)
    deliveries.set(key, STARTING)
    try {
      const delivery = await started(name, handler)
      deliveries.set(key, delivery)
      return { close: () => end(key, delivery) }
    } catch (thrown) {
      deliveries.delete(key)
      throw thrown
    }
  }
  const started = async (name: SubscriptionName, handler: EventHandler): Promise<Delivery> => {
    await writer.write([beginSubscription(name)])
    const cursor = cursorOf(reader, name)
    assert(cursor !== undefined, 'a subscription that was begun has a cursor')
    return startDelivery({ reader, writer, world, name, cursor, handler, onFault })
  }
  const end = async (key: string, delivery: Delivery): Promise<void> => {
    await delivery.close()
    if (deliveries.get(key) === delivery) deliveries.delete(key)
  }
  return {
    publish,
    subscribe,
    async unsubscribe(name) {
      const key = keyOf(name)
      await end(key, deliveries.get(key) ?? STARTING)
      await writer.write([forgetSubscription(name)])
    },
    registerEventType: (eventType) => types.register(eventType),
    eventTypes: () => types.all(),
    tail: ({ after, limit }) => readLog(reader, after, bounded(limit)),
    deadLetters: ({ after, limit }) => readDeadLetters(reader, after ?? 0, bounded(limit)),
    async close() {
      await Promise.all([...deliveries].map(([key, delivery]) => end(key, delivery)))
      reader.close()
    },
  }
}

/** Holds the place of a subscription that is not delivering yet. */
const STARTING: Delivery = { wake: () => {}, close: async () => {} }

const keyOf = ({ subscriber, pattern }: SubscriptionName): string => JSON.stringify([subscriber, pattern])
const bounded = (limit: number): number => Math.min(limit, limits.eventPageMax)

function checkedBody(event: EventRecord, types: EventTypes): string {
  const name = `the event ${event.id} of type ${event.type}`
  const malformed = eventProblems(event)
  const problems = malformed.length > 0 ? malformed : types.problems(event)
  if (problems.length > 0)
    throw new TenonError('EVENT_INVALID', `${name}: ${problems.map(({ message }) => message).join('; ')}`, {
      hint: 'Publish it in the form that its type and version have.',
      problems,
    })
  const body = canonicalJson(event)
  const bytes = Buffer.byteLength(body)
  if (bytes <= limits.eventBytes) return body
  throw new TenonError('EVENT_INVALID', `${name} has ${bytes} bytes; ${limits.eventBytes} are allowed`, {
    hint: 'Keep the data elsewhere and publish where it is.',
  })
}

function refusePattern(pattern: string): void {
  const fault = capabilityFault(`event:subscribe:${pattern}`)
  if (fault === undefined) return
  throw new TenonError('EVENT_INVALID', `${JSON.stringify(pattern)} is no pattern of event types: ${fault}`, {
    hint: 'A pattern is a type in which * stands for one label and ** for one or more.',
  })
}

const alreadySubscribed = ({ subscriber, pattern }: SubscriptionName): TenonError =>
  new TenonError('EVENT_INVALID', `${subscriber} is subscribed to ${pattern} already`, {
    hint: 'Close the other subscription first.',
  })
