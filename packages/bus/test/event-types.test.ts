import { describe, expect, onTestFinished, test } from 'vitest'
import type { Json } from '@tenon/contract'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { eventOf, openedBus } from './opened-bus.ts'

const world = simulatedWorld(1)
const TYPE = 'plugin.notes.saved'
const schema: Json = {
  type: 'object',
  required: ['note'],
  properties: { note: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } },
}

async function opened(folder = temporaryFolder()) {
  const { bus, end } = await openedBus(folder, world)
  onTestFinished(end)
  return { bus, end, folder, publish: (change: object) => bus.publish(eventOf(world, { type: TYPE, ...change })) }
}

describe('a registered type', () => {
  test('lets pass what fits its schema and names what does not', async () => {
    const { bus, publish } = await opened()
    await bus.registerEventType({ type: TYPE, version: 1, schema })
    await publish({ payload: { note: 1, tags: ['a'] } })
    await expect(publish({ payload: { note: 'one', tags: ['a', 1] } })).rejects.toThrow(
      expect.objectContaining({
        code: 'EVENT_INVALID',
        problems: [
          expect.objectContaining({ pointer: '/payload/note' }),
          expect.objectContaining({ pointer: '/payload/tags/1' }),
        ],
      }),
    )
    expect(bus.tail({ limit: 10 })).toHaveLength(1)
  })

  test('says nothing of other types', async () => {
    const { bus, publish } = await opened()
    await bus.registerEventType({ type: TYPE, version: 1, schema })
    await publish({ type: 'plugin.notes.other', payload: 'anything' })
  })

  test('knows each of its versions, and no other', async () => {
    const { bus, publish } = await opened()
    await bus.registerEventType({ type: TYPE, version: 1, schema })
    const unknown = (known: string) =>
      expect.objectContaining({
        code: 'EVENT_INVALID',
        problems: [expect.objectContaining({ pointer: '/version', message: expect.stringContaining(known) })],
      })
    await expect(publish({ version: 2, payload: 'text' })).rejects.toThrow(unknown('1 is'))
    await bus.registerEventType({ type: TYPE, version: 2, schema: { type: 'string' } })
    await publish({ version: 2, payload: 'text' })
    await publish({ version: 1, payload: { note: 1 } })
    await expect(publish({ version: 3 })).rejects.toThrow(unknown('1, 2 are'))
  })

  test('is still there after a restart', async () => {
    const first = await opened()
    await first.bus.registerEventType({ type: TYPE, version: 1, schema })
    await first.end()
    const { bus, publish } = await opened(first.folder)
    expect(bus.eventTypes()).toEqual([{ type: TYPE, version: 1, schema }])
    await expect(publish({ payload: 1 })).rejects.toThrow(expect.objectContaining({ code: 'EVENT_INVALID' }))
  })

  test('keeps the schema of a version', async () => {
    const { bus } = await opened()
    await bus.registerEventType({ type: TYPE, version: 1, schema })
    await bus.registerEventType({ type: TYPE, version: 1, schema: structuredClone(schema) })
    await expect(bus.registerEventType({ type: TYPE, version: 1, schema: {} })).rejects.toThrow(
      expect.objectContaining({ code: 'EVENT_INVALID', message: expect.stringContaining('another schema') }),
    )
    expect(bus.eventTypes()).toHaveLength(1)
  })

  test.each([
    ['a malformed name', 'a..b', 1, schema],
    ['a version below one', TYPE, 0, schema],
    ['half a version', TYPE, 1.5, schema],
    ['a schema that is no object', TYPE, 1, true],
    ['no schema', TYPE, 1, null],
    ['a list for a schema', TYPE, 1, []],
    ['a pattern that is none', TYPE, 1, { pattern: '(' }],
  ])('is refused with %s', async (_what, type, version, bad) => {
    const { bus } = await opened()
    await expect(bus.registerEventType({ type, version, schema: bad })).rejects.toThrow(
      expect.objectContaining({ code: 'EVENT_INVALID' }),
    )
    expect(bus.eventTypes()).toEqual([])
  })
})
