import { expect, test } from 'vitest'
import { inTurn } from '@tenon/contract'

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
