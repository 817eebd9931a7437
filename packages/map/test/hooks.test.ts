import { describe, expect, test } from 'vitest'
import type { Hook, HookContext } from '@tenon/map'
import { messages, rule, scanWith } from './foreign-extension.ts'

const hook = (more: Partial<Hook>): Hook => ({
  id: 'listen',
  kind: 'hook',
  version: '1.0.0',
  triggers: ['scan.completed'],
  on: () => {},
  ...more,
})

/** Collects what a hook with these facts is told. */
async function toldTo(more: Partial<Hook>, extensions: object[] = []): Promise<HookContext[]> {
  const told: HookContext[] = []
  await scanWith([...extensions, hook({ on: (context) => void told.push(context), ...more })])
  return told
}

describe('a hook', () => {
  test('is called at what it waits for, with the data of the event', async () => {
    const [completed, ...others] = await toldTo({})
    expect(others).toEqual([])
    expect(completed?.event).toMatchObject({ type: 'scan.completed', data: { stats: { nodesCount: 2 } } })
    expect(typeof completed?.event.timestamp).toBe('number')
    const types = (await toldTo({ triggers: ['scan.started', 'scan.completed'] })).map(({ event }) => event.type)
    expect(types).toEqual(['scan.started', 'scan.completed'])
  })

  test('is told which extractor or rule is done, and by a filter only of those it asks for', async () => {
    const rules = await toldTo({ triggers: ['rule.completed'] }, [rule()])
    expect(rules.map(({ ruleId }) => ruleId)).toContain('p/judge')
    const filter = { extractorId: 'core/slash' }
    const extractors = await toldTo({ triggers: ['extractor.completed'], filter })
    expect(extractors.map(({ extractorId }) => extractorId)).toEqual(['core/slash'])
  })

  test('is waited for, and cannot change what others see', async () => {
    const order: string[] = []
    const slow = hook({
      id: 'slow',
      triggers: ['scan.started'],
      on: async ({ event }) => {
        await Promise.resolve()
        order.push(`told ${event.type}`)
      },
    })
    const vandal = hook({ id: 'vandal', on: ({ event }) => void Object.assign(event.data, { stats: 0 }) })
    const looks = rule({ evaluate: () => [order.push('judged')].flatMap(() => []) })
    const { result, errors } = await scanWith([slow, vandal, looks])
    expect(order).toEqual(['told scan.started', 'judged'])
    expect(result.stats.nodesCount).toBe(2)
    expect(errors.map(({ data }) => data)).toMatchObject([{ extensionId: 'p/vandal', kind: 'hook-error' }])
  })

  test('that throws is an error of its own, and the scan goes on', async () => {
    const throws = hook({ on: () => Promise.reject(new Error('not now')) })
    const { result, errors } = await scanWith([throws])
    expect([result.nodes.length, messages(errors)]).toEqual([2, ['not now']])
  })

  test('that asks a model is never called by a scan', async () => {
    expect(await toldTo({ mode: 'probabilistic' })).toEqual([])
  })

  test('of a plugin whose settings are invalid is not called', async () => {
    const told: HookContext[] = []
    const { errors } = await scanWith([hook({ on: (context) => void told.push(context) })], undefined, {
      settings: { p: { unknown: 1 } },
    })
    expect([told, errors.length]).toEqual([[], 1])
  })

  test('that waits for what there is not makes its manifest invalid', async () => {
    const { faults } = await scanWith([hook({ triggers: ['boot' as never] })])
    expect(faults).toMatchObject([{ pluginId: 'p', status: 'invalid-manifest' }])
  })
})
