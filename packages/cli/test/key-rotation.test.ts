import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { World } from '@tenon/contract'
import { takeOwnership } from '@tenon/database'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { dropFormerKeys, rotateKey, type RotationPorts } from '../src/compose/key-rotation.ts'
import type { MasterKeyPlace } from '../src/compose/master-key-place.ts'
import { openPluginStorage } from '../src/compose/plugin-storage.ts'

/** The storage of a workspace over a home, until `end`. */
async function opened(home: string, workspace: string, world: World = wallWorld()) {
  const locations = { ...{ home, owned: workspace, host: workspace }, ...{ workspace, registry: '', state: '' } }
  const { storage, masterKey: place, close } = await openPluginStorage(locations, world)
  let isOpen = true
  const end = async (): Promise<void> => {
    if (isOpen) await close()
    isOpen = false
  }
  onTestFinished(end)
  return { ports: { storage, place, home, world }, secrets: storage.secrets('notes'), end }
}

/** The secret as it is after everything was opened anew. */
async function secretAfterwards(home: string, workspace: string, world?: World): Promise<string | undefined> {
  const { secrets, end } = await opened(home, workspace, world)
  const secret = await secrets.get('token')
  await end()
  return secret
}

const keysIn = (home: string): number => readFileSync(join(home, 'keys/master.key')).length / 32

class Killed extends Error {}

/** A place where everything ends when it is written for the first time, before that or after it. */
function killing(place: MasterKeyPlace, when: 'before' | 'after'): MasterKeyPlace {
  const write: MasterKeyPlace['write'] = async (keys) => {
    if (when === 'after') await place.write(keys)
    throw new Killed()
  }
  return { ...place, write }
}

type Kill = [string, 'before' | 'after', (ports: RotationPorts) => Promise<unknown>, number]

test.each<Kill>([
  ['the new key is written', 'before', rotateKey, 1],
  ['the new key is written', 'after', rotateKey, 2],
  ['the former keys are dropped', 'before', dropFormerKeys, 2],
  ['the former keys are dropped', 'after', dropFormerKeys, 1],
])('a kill when %s, %s it, leaves a host that starts, and the work is done again', async (_, when, work, keys) => {
  const home = temporaryFolder()
  const { ports, secrets, end } = await opened(home, home)
  await secrets.set('token', 'hunter2')
  if (work === dropFormerKeys) expect(await rotateKey(ports)).toBe(true)
  await expect(work({ ...ports, place: killing(ports.place, when) })).rejects.toThrow(Killed)
  await end()
  expect(keysIn(home)).toBe(keys)
  expect(await secretAfterwards(home, home)).toBe('hunter2')
  const again = await opened(home, home)
  await again.secrets.set('later', 'x')
  await work(again.ports)
  await dropFormerKeys(again.ports)
  await again.end()
  expect(keysIn(home)).toBe(1)
  const last = await opened(home, home)
  expect([await last.secrets.get('token'), await last.secrets.get('later')]).toEqual(['hunter2', 'x'])
})

test.each([1, 2, 3, 5, 8, 13])(
  'a process that is killed while it rotates leaves one that starts (after %i)',
  async (count) => {
    const home = temporaryFolder()
    const first = await opened(home, home)
    await first.secrets.set('token', 'hunter2')
    await first.end()
    const program = join(import.meta.dirname, 'rotating-process.ts')
    const child = spawn(process.execPath, [program, home], { stdio: ['ignore', 'pipe', 'inherit'] })
    let turns = 0
    child.stdout.on('data', (chunk: Buffer) => {
      turns += chunk.toString().split('\n').length - 1
      if (turns >= count) child.kill('SIGKILL')
    })
    await once(child, 'close')
    expect(turns).toBeGreaterThanOrEqual(count)
    expect(await secretAfterwards(home, home)).toBe('hunter2')
    const again = await opened(home, home)
    await rotateKey(again.ports)
    expect(await again.secrets.get('token')).toBe('hunter2')
  },
)

test('a workspace takes up the key that another of its home has made, and only then may the former go', async () => {
  const home = temporaryFolder()
  const [one, two] = [temporaryFolder(), temporaryFolder()]
  const [first, second] = [await opened(home, one), await opened(home, two)]
  await first.secrets.set('token', 'one')
  await second.secrets.set('token', 'two')
  expect(await rotateKey(first.ports)).toBe(true)
  expect(await second.secrets.get('token')).toBe('two')
  expect(await rotateKey(second.ports)).toBe(false)
  expect(keysIn(home)).toBe(2)
  await Promise.all([first.end(), second.end()])
  expect([await secretAfterwards(home, one), await secretAfterwards(home, two)]).toEqual(['one', 'two'])
  const third = await opened(home, one)
  expect(await dropFormerKeys(third.ports)).toBe(1)
  await third.end()
  expect([await secretAfterwards(home, one), await secretAfterwards(home, two)]).toEqual(['one', 'two'])
})

test('before former keys are forgotten, what is sealed under them here is sealed anew', async () => {
  const home = temporaryFolder()
  const { ports, secrets, end } = await opened(home, home)
  await secrets.set('token', 'hunter2')
  const kept = await ports.place.read()
  if (kept !== undefined) await ports.place.write({ current: new Uint8Array(32).fill(1), former: [kept.current] })
  expect(await dropFormerKeys(ports)).toBe(1)
  await end()
  expect(keysIn(home)).toBe(1)
  expect(await secretAfterwards(home, home)).toBe('hunter2')
})

test('a storage moves from the file to the environment, or to another key of it', async () => {
  const home = temporaryFolder()
  const key = (byte: number) => Buffer.alloc(32, byte).toString('base64')
  const given = (value: string) => wallWorld({ env: { TENON_MASTER_KEY: value } })
  const first = await opened(home, home)
  await first.secrets.set('token', 'hunter2')
  await first.end()
  const moved = await opened(home, home, given(key(1)))
  expect(await moved.secrets.get('token')).toBe('hunter2')
  expect(await rotateKey(moved.ports)).toBe(false)
  expect(await dropFormerKeys(moved.ports)).toBe(1)
  await moved.end()
  expect(existsSync(join(home, 'keys/master.key'))).toBe(false)
  expect(await secretAfterwards(home, home, given(key(1)))).toBe('hunter2')
  const next = await opened(home, home, given(`${key(2)},${key(1)}`))
  expect(await rotateKey(next.ports)).toBe(false)
  await next.end()
  expect(await secretAfterwards(home, home, given(key(2)))).toBe('hunter2')
})

test('two who rotate at a time do so one after the other, and lose no key', async () => {
  const home = temporaryFolder()
  const workspaces = [temporaryFolder(), temporaryFolder()]
  const all = await Promise.all(workspaces.map((workspace) => opened(home, workspace)))
  await Promise.all(all.map(({ secrets }, index) => secrets.set('token', `${index}`)))
  await Promise.all(all.map(({ ports }) => rotateKey(ports)))
  await Promise.all(all.map(({ end }) => end()))
  for (const [index, workspace] of workspaces.entries())
    expect(await secretAfterwards(home, workspace)).toBe(`${index}`)
})

test('who waits too long for another to rotate is told who it is', async () => {
  const home = temporaryFolder()
  const world = wallWorld()
  const { ports } = await opened(home, home)
  const ownership = takeOwnership(join(home, 'keys'), { world })
  let time = 0
  const hasty = { ...world, monotonic: () => (time += 3_000) }
  await expect(rotateKey({ ...ports, world: hasty })).rejects.toThrow(
    expect.objectContaining({ code: 'DATA_FOLDER_OWNED' }),
  )
  ownership.release()
  expect(await rotateKey(ports)).toBe(true)
  expect(readdirSync(join(home, 'keys')).filter((name) => name.includes('aside'))).toEqual([])
})
