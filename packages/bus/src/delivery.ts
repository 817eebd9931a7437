import { covers, limits, type EventHandler, type EventRecord, type World } from '@tenon/contract'
import type { DatabaseReader, GroupWriter } from '@tenon/database'
import { buryEvent, eventAt, headsAfter, moveCursor, type EventHead, type SubscriptionName } from './event-table.ts'

export type Delivery = {
  /** Tells the delivery that the log has grown. */
  wake(): void
  /** Waits for the handler that is at work, and keeps the place that was reached. */
  close(): Promise<void>
}

export type DeliveryOptions = {
  reader: DatabaseReader
  writer: GroupWriter
  world: World
  name: SubscriptionName
  /** The position of the last event that was acknowledged. */
  cursor: number
  handler: EventHandler
  /** Called once when log or cursor cannot be read or written; the delivery has then ended. */
  onFault: (thrown: unknown) => void
}

const SUBSCRIBE = { action: 'event:subscribe' }
const HEADS_A_READ = 256
const REASON_LENGTH_MAX = 1000

/**
 * Hands the events of a subscription to its handler, one at a time and in the order of the log. An event is done when the
 * handler settles, has expired, or is buried after its last attempt; what was not done is handed over again next time.
 */
export function startDelivery(options: DeliveryOptions): Delivery {
  const { reader, name, onFault } = options
  const closing = new AbortController()
  const place = keptPlace(options)
  let wake = (): void => {}
  let cursor = options.cursor

  const follow = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const heads = headsAfter(reader, cursor, HEADS_A_READ)
      if (heads.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      for (const head of heads) {
        const isWanted = covers({ ...SUBSCRIBE, target: name.pattern }, { ...SUBSCRIBE, target: head.type })
        if (isWanted && !(await isDone(options, head, closing.signal))) return
        cursor = head.position
        if (isWanted) place.reach(cursor)
      }
    }
  }
  const running = follow().catch(onFault)
  return {
    wake: () => wake(),
    async close() {
      closing.abort()
      wake()
      await running
      await place.kept()
    },
  }
}

/** Tries until the event is done; false when the subscription was closed before that. */
async function isDone(options: DeliveryOptions, head: EventHead, closing: AbortSignal): Promise<boolean> {
  const { reader, writer, world, name, handler } = options
  for (let attempt = 1; ; attempt += 1) {
    if (closing.aborted) return false
    if (head.expires_at !== null && head.expires_at <= world.now()) return true
    const failure = await failureOf(handler, eventAt(reader, head.position))
    if (failure === undefined) return true
    if (attempt === limits.eventAttemptsMax) {
      const letter = { event: head.position, attempts: attempt, at: new Date(world.now()).toISOString(), ...failure }
      await writer.write([buryEvent(name, letter), moveCursor(name, head.position)])
      return true
    }
    await pause(world, Math.min(limits.eventRetryMs * 2 ** (attempt - 1), limits.eventRetryMsMax), closing)
  }
}

async function failureOf(handler: EventHandler, event: EventRecord): Promise<{ reason: string } | undefined> {
  try {
    await handler(event)
    return undefined
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    return { reason: reason.slice(0, REASON_LENGTH_MAX) }
  }
}

async function pause(world: World, ms: number, closing: AbortSignal): Promise<void> {
  try {
    await world.timer(ms, closing)
  } catch (thrown) {
    if (!closing.aborted) throw thrown
  }
}

/** Keeps the place on disk. One write of it is under way at a time; the next holds all that was reached meanwhile. */
function keptPlace({ writer, name, cursor, onFault }: DeliveryOptions): {
  reach(position: number): void
  kept(): Promise<void>
} {
  let reached = cursor
  let saved = cursor
  let saving: Promise<void> | undefined
  const save = async (): Promise<void> => {
    while (saved < reached) {
      const target = reached
      await writer.write([moveCursor(name, target)])
      saved = target
    }
    saving = undefined
  }
  return {
    reach(position) {
      reached = position
      saving ??= save().catch(onFault)
    },
    kept: async () => saving,
  }
}
