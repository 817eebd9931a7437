import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { watchRoots, type WatchRequest } from '@tenon/map'
import { temporaryFolder, wallWorld } from '@tenon/testkit'

type Change = Parameters<WatchRequest['onChange']>[0]

/** A watch over a folder with every change that it told. */
async function watching() {
  const folder = temporaryFolder()
  const changes: Change[] = []
  const stopping = new AbortController()
  const watch = watchRoots({
    look: async () => ({ roots: [folder], ignore: [], debounceMs: 50, settings: [] }),
    matters: (extension) => extension === '.md',
    onChange: async (change) => void changes.push(change),
    ...{ world: wallWorld(), signal: stopping.signal },
  })
  onTestFinished(async () => {
    stopping.abort()
    await watch
  })
  const write = (path: string): void => writeFileSync(join(folder, path), 'text')
  await expect.poll(() => changes, { timeout: 10_000 }).toEqual([{ isAfterLook: true }])
  return { folder, changes, write }
}

test('what changed is told by its paths, once', async () => {
  const { folder, changes, write } = await watching()
  const told = (): string[] => changes.flatMap(({ touched = [] }) => [...touched]).toSorted()
  const paths = ['a.md', 'a.sm', 'new/b.md'].map((path) => join(folder, path))
  write('a.md')
  write('a.sm')
  write('a.txt')
  mkdirSync(join(folder, 'new'))
  write('new/b.md')
  await expect.poll(told, { timeout: 10_000 }).toEqual(expect.arrayContaining(paths))
  expect(told().filter((path) => path.endsWith('.txt'))).toEqual([])
  write('c.md')
  await expect.poll(() => changes.at(-1)?.touched, { timeout: 10_000 }).toEqual(new Set([join(folder, 'c.md')]))
})

test('where very much changes at once, anything may have changed', async () => {
  const { changes, write } = await watching()
  for (let index = 0; index < 1_500; index += 1) write(`${index}.md`)
  await expect.poll(() => changes.slice(1).some(({ touched }) => touched === undefined), { timeout: 20_000 }).toBe(true)
})
