import type { ChildProcess } from 'node:child_process'
import { cp, realpath, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { assert } from '@tenon/contract'
import type { Contained, Containment } from './contained.ts'
import { signalIfThere } from './governor.ts'
import { isBrought, onHostRoot, type At } from './layout.ts'
import { writableSources, type Mount } from './mount.ts'
import { restrictedMounts } from './protected-paths.ts'
import { makeRoom } from './room.ts'
import { CHANNEL, streamOf } from './spawned.ts'

/** What a process stands on that has no root of its own. */
export type HostRoot = {
  at: At
  room: string
  workspace: string | undefined
  /** What was granted. */
  mounts: readonly Mount[]
  /** What its profile shows where it is: code, and programs that lie where most profiles put something of their own. */
  own: readonly Mount[]
}

const [PLUGIN, MODULES] = ['/plugin', '/node_modules']

/** Makes a room for the process and finds out where everything is. */
export async function hostRootFor(
  { world, profile, stateDir, ...what }: Containment,
  held: AsyncDisposableStack,
): Promise<HostRoot> {
  const workspace = what.workspace === undefined ? undefined : await realpath(what.workspace)
  const mounts = workspace === undefined ? what.mounts : restrictedMounts(what.mounts, workspace)
  const brought = profile.files.filter(({ target }) => isBrought(target))
  const room = await makeRoom(world, stateDir, brought)
  held.defer(() => room.remove())
  const { shown } = profile.runtime
  // A plugin's modules look for the sdk beside them.
  const code = profile.ownMounts.find(({ target }) => target === PLUGIN)
  if (code !== undefined) await cp(code.source, join(room.path, PLUGIN), { recursive: true })
  const modules = shown.find(({ target }) => target === MODULES)
  if (modules !== undefined) await symlink(modules.source, join(room.path, MODULES))
  const own = profile.ownMounts.filter((mount) => mount !== code)
  const at = onHostRoot(room.path, [...mounts, ...own, ...shown])
  return { at, room: room.path, workspace, mounts, own }
}

/** Where of the host a process may write. */
export const writableOf = ({ at, mounts }: HostRoot): string[] => [at('/tmp'), ...writableSources(mounts)]

/** A process that stands there by itself, with no launcher of ours around it. */
export function standingAlone(child: ChildProcess, root: HostRoot): Contained {
  const { pid } = child
  assert(pid !== undefined, 'a process that was spawned has an id')
  return {
    child,
    hasKeeper: false,
    channel: streamOf(child, CHANNEL),
    inner: Promise.resolve(pid),
    at: root.at,
    writable: writableOf(root),
    look: async () => undefined,
    endAll: () => signalIfThere(-pid, 'SIGKILL'),
  }
}
