import { TenonError } from '@tenon/contract'
import type { Contained, Containment } from './contained.ts'
import { hostRootFor, standingAlone, type HostRoot } from './host-root.ts'
import { environmentOf } from './profile.ts'
import { isInside } from './protected-paths.ts'
import { CHANNEL, pipesAfter, spawned } from './spawned.ts'

/** Level F: Node's permission model alone, which stops mistakes and no malice. For node plugins that somebody vouches for. */
export async function underPermissionModel(what: Containment, held: AsyncDisposableStack): Promise<Contained> {
  const { profile, stdin } = what
  if (!profile.isFenced)
    throw new TenonError('ISOLATION_UNAVAILABLE', "only node plugins run under Node's permission model alone")
  const root = await hostRootFor(what, held)
  refuseWorkspace(root)
  const { at, mounts } = root
  const child = await spawned(at(profile.runtime.command), profile.argv(at), pipesAfter(stdin, CHANNEL + 1), {
    cwd: at('/tmp'),
    env: environmentOf(profile, mounts, at),
  })
  return standingAlone(child, root)
}

/** The model grants whole folders, so that nothing could be kept from it in one that holds the workspace. */
function refuseWorkspace({ mounts, workspace }: HostRoot): void {
  const holder = mounts.find(({ source }) => workspace !== undefined && isInside(workspace, source))
  if (holder !== undefined)
    throw new TenonError(
      'PERMISSION_DENIED',
      `${holder.source} cannot be shown on level F without the workspace's own files`,
      {
        hint: 'Grant folders inside the workspace, or use another level.',
      },
    )
}
