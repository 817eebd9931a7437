import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { World } from '@tenon/contract'
import { makeCgroup, mountedCgroups, type Cgroup } from './cgroup.ts'
import { isThere, spawnLauncher } from './launcher.ts'
import { findProgram } from './programs.ts'

/**
 * Keeps one launcher of level A ready, in a group that bounds nothing yet. A start that takes it waits neither until
 * this process is forked nor until the kernel has moved a process into its groups.
 */
export type Standby = {
  /** The one that is ready, if any, which is the caller's from then on. */
  take(): Promise<ReadyLauncher | undefined>
  /** Makes one ready, unless one is. */
  prepare(): void
  /** Ends the one that is ready, and makes no more. */
  release(): Promise<void>
}

export type ReadyLauncher = {
  child: ChildProcess
  cgroup: Cgroup
  /** Ends what became of it, and takes the group away. */
  dispose(): Promise<void>
}

/** How many files a program is handed that starts from a launcher that was ready: a plugin, its code. */
export const READY_FILES = 1

export function launcherStandby(world: World): Standby {
  let ready: Promise<ReadyLauncher | undefined> | undefined
  let isReleased = false
  const taken = (): typeof ready => {
    const launcher = ready
    ready = undefined
    return launcher
  }
  return {
    take: async () => {
      const launcher = await taken()
      if (launcher === undefined || isThere(launcher.child)) return launcher
      await launcher.dispose()
      return undefined
    },
    prepare: () => {
      // What keeps one from being made keeps the next start from making its own, which says so.
      if (!isReleased) ready ??= readyLauncher(world).catch(() => undefined)
    },
    release: async () => {
      isReleased = true
      await (await taken())?.dispose()
    },
  }
}

async function readyLauncher(world: World): Promise<ReadyLauncher> {
  await using held = new AsyncDisposableStack()
  const cgroup = await makeCgroup(world, await mountedCgroups())
  held.defer(() => cgroup.remove())
  const perl = await findProgram(world, 'perl')
  const child = await spawnLauncher(perl, cgroup.joins, { stdin: 'ignore', files: READY_FILES })
  held.defer(() => ended(child))
  const made = held.move()
  return { child, cgroup, dispose: () => made.disposeAsync() }
}

async function ended(child: ChildProcess): Promise<void> {
  if (!isThere(child)) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
