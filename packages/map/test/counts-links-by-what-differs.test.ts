import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mapOver } from './map-over.ts'

test('links to what becomes a node count, but not those of a file that goes as it comes', async () => {
  const { run, write, folder } = mapOver({ 'a.md': '[c](c.md)', 'b.md': '[c](c.md) <http://x.y/>' })
  const linksInto = async (path: string): Promise<number | undefined> =>
    (await run('stat')).result.nodes.find((node) => node.path === path)?.linksInCount
  await run('nothing')
  rmSync(join(folder, 'b.md'))
  write({ 'c.md': 'It has come.' })
  expect(await linksInto('c.md')).toBe(1)
  write({ 'd.md': '[c](c.md) [a](a.md)' })
  expect(await linksInto('c.md')).toBe(2)
  rmSync(join(folder, 'd.md'))
  expect(await linksInto('c.md')).toBe(1)
  expect(await linksInto('a.md')).toBe(0)
})
