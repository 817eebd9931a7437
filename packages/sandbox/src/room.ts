import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { World } from '@tenon/contract'
import { ABSENT, unlessFault } from './expected-fault.ts'
import type { GuestFile } from './profile.ts'
import { BROUGHT } from './layout.ts'
import { isLeftOver, ownMark } from './process-facts.ts'

/** A folder of one process that has no root of its own: what is handed to it, and its /tmp. */
export type Room = { path: string; remove(): Promise<void> }

const roomsIn = (stateDir: string): string => join(stateDir, 'rooms')

/** Its name tells which process made it, so that a later one can tell that nobody uses it any more. */
export async function makeRoom(world: World, stateDir: string, files: readonly GuestFile[]): Promise<Room> {
  await removeOrphanedRooms(stateDir)
  const path = join(roomsIn(stateDir), `${await ownMark()}-${world.newId()}`)
  for (const name of BROUGHT) await mkdir(join(path, name), { recursive: true, mode: 0o700 })
  for (const { target, bytes } of files) {
    await mkdir(join(path, dirname(target)), { recursive: true })
    await writeFile(join(path, target), bytes, { mode: 0o400 })
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

async function removeOrphanedRooms(stateDir: string): Promise<void> {
  for (const name of await unlessFault(readdir(roomsIn(stateDir)), ABSENT, []))
    if (await isLeftOver(name)) await rm(join(roomsIn(stateDir), name), { recursive: true, force: true })
}
