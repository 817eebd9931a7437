import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { limits, type EventRecord } from '@tenon/contract'
import { simulatedWorld, temporaryFolder, type SimulatedWorld } from '@tenon/testkit'
import type { Bus } from '@tenon/bus'
import { eventOf, openedBus } from './opened-bus.ts'

const ALL = { subscriber: 'reader', pattern: '**' }

async function opened(folder = temporaryFolder(), world: SimulatedWorld = simulatedWorld(1)) {
  const { bus, path, end } = await openedBus(folder, world)
  onTestFinished(end)
  const publish = async (change: Partial<EventRecord> = {}): Promise<EventRecord> => {
    const event = eventOf(world, change)
    await bus.publish(event)
    return event
  }
  /** Lets simulated time pass until something holds. */
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await world.advance(50)
  }
  return { bus, path, end, folder, world, publish, until }
}

/** Subscribes and collects; `fail` decides which deliveries throw. */
async function collecting(bus: Bus, name = ALL, fail: (event: EventRecord, attempt: number) => boolean = () => false) {
  const attempts: EventRecord[] = []
  const seen: EventRecord[] = []
  const subscription = await bus.subscribe(name, async (event) => {
    attempts.push(event)
    if (fail(event, attempts.length)) throw new Error(`cannot take ${event.type}`)
    seen.push(event)
  })
  return { attempts, seen, close: () => subscription.close(), types: () => seen.map(({ type }) => type) }
}

describe('an event', () => {
  test('reaches who subscribed to its type, as it was published', async () => {
    const { bus, publish, until } = await opened()
    const mine = await collecting(bus, { subscriber: 'mine', pattern: 'plugin.notes.*' })
    const deep = await collecting(bus, { subscriber: 'deep', pattern: 'plugin.**' })
    const other = await collecting(bus, { subscriber: 'other', pattern: 'plugin.other.*' })
    const event = await publish({ key: 'k', ttlMs: 1000, dataTraits: ['pii'], metadata: { a: 'b' }, payload: [null] })
    await publish({ type: 'plugin.notes.a.b' })
    await publish({ type: 'plugin.other.a' })
    await until(() => other.seen.length === 1 && deep.seen.length === 3)
    expect(mine.seen).toEqual([event])
    expect(deep.types()).toEqual(['plugin.notes.saved', 'plugin.notes.a.b', 'plugin.other.a'])
  })

  test('of one id is kept once', async () => {
    const { bus, publish } = await opened()
    const event = await publish()
    await bus.publish(event)
    expect(bus.tail({ limit: 10 })).toEqual([{ position: 1, event }])
  })

  test.each([
    ['id', { id: 'x' }],
    ['type', { type: 'a..b' }],
    ['version', { version: 0 }],
    ['at', { at: 'today' }],
  ])('is refused with a malformed %s', async (name, change) => {
    const { bus, publish } = await opened()
    await expect(publish(change)).rejects.toThrow(
      expect.objectContaining({ code: 'EVENT_INVALID', problems: [expect.objectContaining({ pointer: `/${name}` })] }),
    )
    expect(bus.tail({ limit: 10 })).toEqual([])
  })

  test('is refused when it is too large', async () => {
    const { publish } = await opened()
    await expect(publish({ payload: 'x'.repeat(limits.eventBytes) })).rejects.toThrow(
      expect.objectContaining({ code: 'EVENT_INVALID', message: expect.stringContaining(String(limits.eventBytes)) }),
    )
  })
})

describe('the log', () => {
  test('is read from its end or from a position, in order and by page', async () => {
    const { bus, publish } = await opened()
    for (let n = 0; n < 5; n += 1) await publish({ payload: n })
    const payloads = (page: { after?: number; limit: number }) => bus.tail(page).map(({ event }) => event.payload)
    expect(payloads({ limit: 2 })).toEqual([3, 4])
    expect(payloads({ after: 0, limit: 2 })).toEqual([0, 1])
    expect(payloads({ after: bus.tail({ after: 0, limit: 2 }).at(-1)?.position ?? 0, limit: 9 })).toEqual([2, 3, 4])
  })

  test('is not believed when it was changed into something else', async () => {
    const { bus, publish, path } = await opened()
    await publish()
    const db = new DatabaseSync(path)
    db.exec("UPDATE event SET body = '{}'")
    db.close()
    expect(() => bus.tail({ limit: 1 })).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT' }))
  })
})

describe('a subscription', () => {
  test('gets events in order, one at a time', async () => {
    const { bus, publish, until } = await opened()
    let atWork = 0
    let mostAtWork = 0
    const order: unknown[] = []
    await bus.subscribe(ALL, async ({ payload }) => {
      mostAtWork = Math.max(mostAtWork, (atWork += 1))
      await new Promise(setImmediate)
      order.push(payload)
      atWork -= 1
    })
    const payloads = Array.from({ length: 600 }, (_, n) => n)
    await Promise.all(payloads.map((payload) => publish({ payload })))
    await until(() => order.length === payloads.length)
    expect(order).toEqual(payloads)
    expect(mostAtWork).toBe(1)
  })

  test('that is slow holds up no other and no publisher', async () => {
    const { bus, publish, until } = await opened()
    const stuck = Promise.withResolvers<void>()
    let taken = 0
    await bus.subscribe({ subscriber: 'slow', pattern: '**' }, () => {
      taken += 1
      return stuck.promise
    })
    const quick = await collecting(bus, { subscriber: 'quick', pattern: '**' })
    for (let n = 0; n < 20; n += 1) await publish({ payload: n })
    await until(() => quick.seen.length === 20)
    expect(taken).toBe(1)
    stuck.resolve()
  })

  test('begins with what is published after it', async () => {
    const { bus, publish, until } = await opened()
    await publish({ payload: 'before' })
    const { seen } = await collecting(bus)
    await publish({ payload: 'after' })
    await until(() => seen.length > 0)
    expect(seen.map(({ payload }) => payload)).toEqual(['after'])
  })

  test('goes on where it was, with what came meanwhile', async () => {
    const { bus, publish, until } = await opened()
    const first = await collecting(bus)
    await publish({ payload: 1 })
    await until(() => first.seen.length === 1)
    await first.close()
    await publish({ payload: 2 })
    const second = await collecting(bus)
    await until(() => second.seen.length === 1)
    expect(second.seen[0]?.payload).toBe(2)
    expect(first.seen).toHaveLength(1)
  })

  test('has its place on disk when it is closed', async () => {
    const { bus, publish, path, until } = await opened()
    const { seen, close } = await collecting(bus)
    for (let n = 0; n < 50; n += 1) await publish()
    await until(() => seen.length === 50)
    await close()
    const db = new DatabaseSync(path)
    expect({ ...db.prepare('SELECT cursor FROM event_subscription').get() }).toEqual({ cursor: 50 })
    db.close()
  })

  test('gets again after a restart what it had not finished', async () => {
    const first = await opened()
    const { attempts } = await collecting(first.bus, ALL, ({ payload }) => payload === 2)
    for (const payload of [1, 2, 3]) await first.publish({ payload })
    await first.until(() => attempts.length >= 3)
    await first.end()
    const second = await opened(first.folder)
    const again = await collecting(second.bus)
    await second.until(() => again.seen.length === 2)
    expect(again.seen.map(({ payload }) => payload)).toEqual([2, 3])
  })

  test('of one name exists once at a time', async () => {
    const { bus } = await opened()
    const first = collecting(bus)
    const taken = expect.objectContaining({ code: 'EVENT_INVALID', message: expect.stringContaining('already') })
    await expect(collecting(bus)).rejects.toThrow(taken)
    const { close } = await first
    await expect(collecting(bus)).rejects.toThrow(taken)
    await collecting(bus, { ...ALL, pattern: 'plugin.**' })
    await close()
    await collecting(bus)
  })

  test.each(['', 'a..b', 'a.b*', 'x'.repeat(200)])('is refused for the pattern "%s"', async (pattern) => {
    const { bus } = await opened()
    await expect(collecting(bus, { subscriber: 'reader', pattern })).rejects.toThrow(
      expect.objectContaining({ code: 'EVENT_INVALID' }),
    )
  })

  test('that is closed drops no other, not even one of its own name that came later', async () => {
    const { bus, publish, until } = await opened()
    const other = await collecting(bus, { subscriber: 'other', pattern: '**' })
    const first = await collecting(bus)
    await first.close()
    const second = await collecting(bus)
    await first.close()
    await publish()
    await until(() => other.seen.length === 1 && second.seen.length === 1)
    expect(first.seen).toEqual([])
  })

  test('that is ended for good begins anew', async () => {
    const { bus, publish, until } = await opened()
    const first = await collecting(bus)
    await bus.unsubscribe(ALL)
    await bus.unsubscribe(ALL)
    await publish({ payload: 'missed' })
    const second = await collecting(bus)
    await publish({ payload: 'seen' })
    await until(() => second.seen.length === 1)
    expect(second.seen[0]?.payload).toBe('seen')
    expect(first.seen).toEqual([])
  })

  test('waits at its close for the handler at work, and keeps what it finished', async () => {
    const { bus, publish, until } = await opened()
    const work = Promise.withResolvers<void>()
    let taken = 0
    const subscription = await bus.subscribe(ALL, () => {
      taken += 1
      return work.promise
    })
    await publish({ payload: 1 })
    await publish({ payload: 2 })
    await until(() => taken === 1)
    let isClosed = false
    const closed = subscription.close().then(() => (isClosed = true))
    await new Promise(setImmediate)
    expect(isClosed).toBe(false)
    work.resolve()
    await closed
    const second = await collecting(bus)
    await until(() => second.seen.length === 1)
    expect(second.seen[0]?.payload).toBe(2)
    expect(taken).toBe(1)
  })
})

describe('a handler that fails', () => {
  test('is tried again after growing pauses, and the order is kept', async () => {
    const { bus, publish, world, until } = await opened()
    const tries: { payload: unknown; at: number }[] = []
    await bus.subscribe(ALL, async ({ payload }) => {
      tries.push({ payload, at: world.now() })
      if (tries.length < 4) throw new Error('not yet')
    })
    await publish({ payload: 1 })
    await publish({ payload: 2 })
    await until(() => tries.length === 5)
    expect(tries.map(({ payload }) => payload)).toEqual([1, 1, 1, 1, 2])
    const pauses = tries.slice(1, 4).map(({ at }, n) => at - (tries[n]?.at ?? 0))
    for (const [n, pause] of pauses.entries()) expect(pause).toBeGreaterThanOrEqual(limits.eventRetryMs * 2 ** n)
  })

  test('loses the event after its last attempt, to where it can be read', async () => {
    const { bus, publish, until } = await opened()
    const { attempts, seen } = await collecting(bus, ALL, ({ type }) => type === 'plugin.notes.bad')
    const bad = await publish({ type: 'plugin.notes.bad' })
    await publish({ type: 'plugin.notes.good' })
    await until(() => seen.length === 1)
    expect(attempts.filter(({ id }) => id === bad.id)).toHaveLength(limits.eventAttemptsMax)
    const letter = { ...ALL, position: 1, event: bad, reason: 'cannot take plugin.notes.bad', attempts: 5 }
    expect(bus.deadLetters({ limit: 10 })).toEqual([{ ...letter, at: expect.stringMatching(/^2026-01-01T/) }])
    expect(bus.deadLetters({ after: 1, limit: 10 })).toEqual([])
  })

  test('does not get the lost event after a restart', async () => {
    const first = await opened()
    await collecting(first.bus, ALL, () => true)
    await first.publish({ payload: 'lost' })
    await first.until(() => first.bus.deadLetters({ limit: 1 }).length === 1)
    await first.end()
    const second = await opened(first.folder, simulatedWorld(2))
    const { attempts, seen } = await collecting(second.bus)
    await second.publish({ payload: 'next' })
    await second.until(() => seen.length === 1)
    expect(attempts.map(({ payload }) => payload)).toEqual(['next'])
  })

  test('may throw what is no error, of any length', async () => {
    const { bus, publish, until } = await opened()
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- a plugin can do this
    await bus.subscribe(ALL, () => Promise.reject('x'.repeat(5000)))
    await publish()
    await until(() => bus.deadLetters({ limit: 1 }).length === 1)
    expect(bus.deadLetters({ limit: 1 })[0]?.reason).toBe('x'.repeat(1000))
  })
})

describe('an event that has expired', () => {
  test('is not delivered', async () => {
    const { bus, publish, world, until } = await opened()
    const { seen } = await collecting(bus)
    await publish({ at: new Date(world.now() - 2000).toISOString(), ttlMs: 2000 })
    await publish({ at: new Date(world.now() - 2000).toISOString(), ttlMs: Number.MAX_SAFE_INTEGER })
    await publish({ type: 'plugin.notes.lasting' })
    await until(() => seen.length === 2)
    expect(seen.map(({ type }) => type)).toEqual(['plugin.notes.saved', 'plugin.notes.lasting'])
  })

  test('is not tried again', async () => {
    const { bus, publish, until } = await opened()
    const { attempts, seen } = await collecting(bus, ALL, ({ ttlMs }) => ttlMs !== undefined)
    await publish({ ttlMs: limits.eventRetryMs })
    await publish()
    await until(() => seen.length === 1)
    expect(attempts).toHaveLength(2)
    expect(bus.deadLetters({ limit: 1 })).toEqual([])
  })
})

describe('a fault of the disk', () => {
  test('that keeps a place from being kept is told to the next publisher', async () => {
    const { bus, publish, path, until } = await opened()
    const { seen } = await collecting(bus)
    const db = new DatabaseSync(path)
    db.exec("CREATE TRIGGER full BEFORE UPDATE ON event_subscription BEGIN SELECT RAISE(ABORT, 'no space'); END")
    db.close()
    await publish()
    await until(() => seen.length === 1)
    const refused = async () => {
      for (;;) await publish()
    }
    await expect(refused()).rejects.toThrow('no space')
  })

  test('buries no event whose subscription it does not let go on', async () => {
    const { bus, publish, path, world } = await opened()
    await collecting(bus, ALL, () => true)
    const db = new DatabaseSync(path)
    db.exec("CREATE TRIGGER full BEFORE UPDATE ON event_subscription BEGIN SELECT RAISE(ABORT, 'no space'); END")
    db.close()
    const refused = async () => {
      for (;;) await publish().then(() => world.advance(1000))
    }
    await expect(refused()).rejects.toThrow('no space')
    expect(bus.deadLetters({ limit: 1 })).toEqual([])
  })

  test('that keeps a subscription from beginning leaves its name free', async () => {
    const { bus, path } = await opened()
    const db = new DatabaseSync(path)
    db.exec("CREATE TRIGGER full BEFORE INSERT ON event_subscription BEGIN SELECT RAISE(ABORT, 'no space'); END")
    await expect(collecting(bus)).rejects.toThrow('no space')
    db.exec('DROP TRIGGER full')
    db.close()
    await collecting(bus)
  })
})
