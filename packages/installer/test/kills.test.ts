import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Disk } from '@tenon/contract'
import { applyPlan, rollback } from '@tenon/installer'
import { Killed, killingDisk } from '@tenon/testkit'
import { install, installed, placesOf, plan, quickDisk, shelf, type Shelf } from './shelf.ts'

let source: Shelf
beforeAll(async () => {
  source = await shelf([
    { id: 'a', version: '1.0.0', deps: { b: '^1' } },
    { id: 'a', version: '2.0.0', deps: { b: '^1.1' } },
    { id: 'b', version: '1.1.0' },
  ])
})

/** An empty folder, in memory where the system has such a place: a hundred copies of a workspace are made in it. */
function quickFolder(): string {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tn-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Runs the action with a kill at every durable step in turn, each on its own copy of the folder. */
async function everyKill(
  template: string,
  action: (folder: string, disk: Disk) => Promise<unknown>,
  check: (folder: string) => Promise<void>,
): Promise<number> {
  const root = quickFolder()
  for (let step = 0; ; step += 1) {
    const folder = join(root, String(step))
    cpSync(template, folder, { recursive: true, verbatimSymlinks: true })
    try {
      await action(folder, killingDisk(quickDisk, step))
      return step
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(Killed)
      await check(folder)
    }
  }
}

const leftovers = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('.aside'))

async function oneInstalled(): Promise<string> {
  const template = join(quickFolder(), 'w')
  await install(template, source, { a: '^1' })
  return template
}
const second = (folder: string) => plan(folder, source, { a: '^2' })

test('a kill at any step of an installation leaves the old generation or the new one, and the next clears up and completes', async () => {
  let left = 0
  const steps = await everyKill(
    await oneInstalled(),
    async (folder, disk) => applyPlan(disk, placesOf(folder), await second(folder), { source, revocations: [] }),
    async (folder) => {
      const states = [
        { a: '1.0.0', b: '1.1.0' },
        { a: '2.0.0', b: '1.1.0' },
      ]
      expect(states).toContainEqual(await installed(folder))
      left += leftovers(folder).length
      await install(folder, source, { a: '^2' })
      expect(await installed(folder)).toEqual({ a: '2.0.0', b: '1.1.0' })
      expect(leftovers(folder)).toEqual([])
    },
  )
  expect(steps).toBeGreaterThan(25)
  expect(left).toBeGreaterThan(10)
})

test('a kill at any step of a first installation leaves nothing installed or all of it', async () => {
  const template = join(quickFolder(), 'w')
  await quickDisk.makeFolder(template)
  await everyKill(
    template,
    async (folder, disk) => applyPlan(disk, placesOf(folder), await second(folder), { source, revocations: [] }),
    async (folder) => expect([{}, { a: '2.0.0', b: '1.1.0' }]).toContainEqual(await installed(folder)),
  )
})

test('a kill at any step of a rollback leaves the one or the other, and it can be done again', async () => {
  const template = await oneInstalled()
  await install(template, source, { a: '^2' })
  for (const name of ['tenon.json.aside', '.tenon/current.aside', '.tenon/store/x.aside'])
    writeFileSync(join(template, name), 'left by a kill')
  const steps = await everyKill(
    template,
    (folder, disk) => rollback(disk, folder),
    async (folder) => {
      const { a } = await installed(folder)
      expect(['1.0.0', '2.0.0']).toContain(a)
      if (a === '2.0.0') await rollback(quickDisk, folder)
      expect(await installed(folder)).toEqual({ a: '1.0.0', b: '1.1.0' })
    },
  )
  expect(steps).toBeGreaterThan(8)
})
