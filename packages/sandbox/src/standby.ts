import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { World } from '@tenon/contract'
import { oneAhead, type Ahead, type Waiting } from './ahead.ts'
import { makeCgroup, mountedCgroups, type Cgroup } from './cgroup.ts'
import type { Confined } from './contained.ts'
import { isThere, spawnLauncher } from './launcher.ts'
import { findProgram } from './programs.ts'

/** What waits for the next plugin of level A, so that its start need not make it. */
export type Standby = {
  launcher: LauncherStandby
  /** A guest that has loaded no plugin yet, by how it is contained. */
  guest: Ahead<ReadyGuest>
  /** Ends what waits, and makes no more. */
  release(): Promise<void>
}

/**
 * A launcher, in a group that bounds nothing yet, which may become any plugin. A start that takes it waits neither until
 * this process is forked nor until the kernel has moved a process into its groups.
 */
export type LauncherStandby = {
  take(): Promise<ReadyLauncher | undefined>
  prepare(): void
  /** Ends the one that waits, where nothing will take it. */
  drop(): Promise<void>
}

export type ReadyLauncher = Waiting & { child: ChildProcess; cgroup: Cgroup }
export type ReadyGuest = Waiting & Confined

export function standbyOf(world: World): Standby {
  const launchers = oneAhead<ReadyLauncher>()
  const guest = oneAhead<ReadyGuest>()
  return {
    launcher: {
      take: () => launchers.take(ANY),
      prepare: () => launchers.prepare(ANY, () => readyLauncher(world)),
      drop: () => launchers.drop(),
    },
    guest,
    release: async () => void (await Promise.all([launchers.release(), guest.release()])),
  }
}

/** Before it is told its steps, each is like any other. */
const ANY = ''

async function readyLauncher(world: World): Promise<ReadyLauncher> {
  await using held = new AsyncDisposableStack()
  const cgroup = await makeCgroup(world, await mountedCgroups())
  held.defer(() => cgroup.remove())
  const perl = await findProgram(world, 'perl')
  const child = await spawnLauncher(perl, cgroup.joins, { stdin: 'ignore', files: 0 })
  held.defer(() => ended(child))
  const made = held.move()
  return { child, cgroup, isThere: () => isThere(child), dispose: () => made.disposeAsync() }
}

async function ended(child: ChildProcess): Promise<void> {
  if (!isThere(child)) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
