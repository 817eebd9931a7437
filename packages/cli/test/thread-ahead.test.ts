import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@tenon/testkit'
import { describe, expect, test } from 'vitest'
import { threadAhead } from '../src/compose/thread-ahead.ts'

const LARGE = 10 * 2 ** 20

/** Whether a thread begins for a map whose database has so many bytes. */
async function begins({ bytes = LARGE, changed = true, processors = 2 }): Promise<boolean> {
  const db = join(temporaryFolder(), 'map.db')
  writeFileSync(db, Buffer.alloc(bytes))
  await using thread = threadAhead({ db, changed, noTokens: true }, processors)
  return thread.isBegun
}

test('a thread begins at once for a scan of what changed in a large map', async () => {
  expect(await begins({})).toBe(true)
})

describe('none begins', () => {
  test.each([
    ['for few files', { bytes: LARGE - 1 }],
    ['where everything is to be read', { changed: false }],
    ['on one processor', { processors: 1 }],
  ])('%s', async (_, asked) => {
    expect(await begins(asked)).toBe(false)
  })

  test('where there is no map yet', async () => {
    const db = join(temporaryFolder(), 'map.db')
    await using thread = threadAhead({ db, changed: true, noTokens: true }, 2)
    expect(thread.isBegun).toBe(false)
  })
})
