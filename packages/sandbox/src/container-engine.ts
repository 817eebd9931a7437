import { TenonError } from '@tenon/contract'
import type { Contained, Containment } from './contained.ts'
import { containerArguments } from './container-arguments.ts'
import { inPlace, placeIn, prepare } from './container-place.ts'
import { withKeeper } from './keeper.ts'
import { inOwnRoot } from './layout.ts'
import { environmentOf } from './profile.ts'
import { writableSources } from './mount.ts'
import { findProgram, inPath } from './programs.ts'
import { protectWorkspace } from './protected-paths.ts'
import { makeRoom } from './room.ts'
import { CHANNEL } from './spawned.ts'

/** Level E: a container of an engine that is installed. */
export async function inContainer(what: Containment, held: AsyncDisposableStack): Promise<Contained> {
  const { world, profile, bounds, cgroup, stdin, workspace, stateDir } = what
  const [perl, podman] = [await findProgram(world, 'perl'), await findProgram(world, 'podman')]
  if (cgroup === undefined)
    throw new TenonError('ISOLATION_UNAVAILABLE', 'a container needs a group, which cannot be made here')
  held.defer(() => cgroup.engine.remove())
  const room = await makeRoom(world, stateDir, inPlace(profile.files))
  held.defer(() => room.remove())
  const protection = await protectWorkspace(what.mounts, workspace, stateDir)
  held.defer(() => protection.release())
  const place = placeIn(room.path)
  const env = environmentOf(profile, what.mounts, inOwnRoot)
  await prepare(place, { env, perl, runc: await inPath(world, 'runc'), joins: cgroup.joins })
  const view = { mounts: [...protection.mounts, ...profile.ownMounts], covers: protection.covers }
  const how = { group: cgroup.engine.path, isInteractive: stdin !== 'ignore' }
  const kept = await withKeeper(perl, [podman, ...containerArguments({ profile, view, bounds, place, ...how })], {
    stdin,
    descriptors: CHANNEL + 1,
    cwd: place.engine,
    env: { PATH: world.env['PATH'] ?? '', HOME: place.engine, CONTAINERS_CONF: place.settings },
  })
  return {
    ...kept,
    at: inOwnRoot,
    writable: writableSources(protection.mounts),
    look: () => protection.look(),
  }
}
