import { expect, test } from 'vitest'
import { inTurn, inTurnEach } from '@tenon/contract'

test('work is done one piece after the other, whatever became of the piece before', async () => {
  const turn = inTurn()
  const seen: string[] = []
  const first = turn(async () => {
    seen.push('first begins')
    await Promise.resolve()
    seen.push('first fails')
    throw new Error('first')
  })
  const second = turn(async () => seen.push('second'))
  await expect(first).rejects.toThrow('first')
  expect(await second).toBe(3)
  expect(seen).toEqual(['first begins', 'first fails', 'second'])
})

test('work of one name does not wait for that of another', async () => {
  const turn = inTurnEach()
  const seen: string[] = []
  const held = Promise.withResolvers<void>()
  const first = turn('a', async () => {
    await held.promise
    seen.push('a')
  })
  const second = turn('a', async () => seen.push('a again'))
  await turn('b', async () => seen.push('b'))
  held.resolve()
  await Promise.all([first, second])
  expect(seen).toEqual(['b', 'a', 'a again'])
})
