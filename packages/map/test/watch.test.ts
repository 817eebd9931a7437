import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { watchRoots, type WatchRequest } from '@tenon/map'
import { temporaryFolder, wallWorld } from '@tenon/testkit'

type Change = Parameters<WatchRequest['onChange']>[0]

/** A watch over a folder with every change that it told. */
async function watching({ debounceMs = 50 } = {}) {
  const folder = temporaryFolder()
  const changes: Change[] = []
  const stopping = new AbortController()
  const watch = watchRoots({
    look: async () => ({ roots: [folder], ignore: [], debounceMs, settings: [] }),
    matters: (extension) => extension === '.md',
    onChange: async (change) => void changes.push(change),
    ...{ world: wallWorld(), signal: stopping.signal },
  })
  onTestFinished(async () => {
    stopping.abort()
    await watch
  })
  const write = (path: string): void => writeFileSync(join(folder, path), 'text')
  await expect.poll(() => changes).toEqual([{ isAfterLook: true }])
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
  await expect.poll(told).toEqual(expect.arrayContaining(paths))
  expect(told().filter((path) => path.endsWith('.txt'))).toEqual([])
  const toldWith = async (path: string): Promise<number | undefined> => {
    const holder = () => changes.find(({ touched }) => touched?.has(join(folder, path)))
    write(path)
    await expect.poll(holder).toBeDefined()
    return holder()?.touched?.size
  }
  let index = 0
  // The system may tell once more of what was written before.
  await expect.poll(() => toldWith(`c${(index += 1)}.md`)).toBe(1)
})

test('where very much changes at once, anything may have changed', async () => {
  // Long enough that all of it is one change, however slowly word of it comes.
  const { changes, write } = await watching({ debounceMs: 2_000 })
  for (let index = 0; index < 1_500; index += 1) write(`${index}.md`)
  await expect.poll(() => changes.slice(1)).toEqual([{ isAfterLook: false }])
})
