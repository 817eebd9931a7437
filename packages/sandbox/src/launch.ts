import { TenonError, type World } from '@tenon/contract'
import type { OnLog } from './bounded-log.ts'
import { inNamespaces } from './bubblewrap.ts'
import { makeCgroup, mountedCgroups, type Cgroup } from './cgroup.ts'
import type { Contain } from './contained.ts'
import { inContainer } from './container-engine.ts'
import { behindLandlock } from './landlock.ts'
import type { At } from './layout.ts'
import type { Level } from './level.ts'
import { boundsOf, type Limits } from './limits.ts'
import { refuseReserved, resolvedMounts, type Mount } from './mount.ts'
import { underPermissionModel } from './permission-model.ts'
import type { Profile } from './profile.ts'
import { inSeatbelt } from './seatbelt.ts'
import { READY_FILES, type ReadyLauncher, type Standby } from './standby.ts'
import { supervise, type Launched, type Streams } from './supervise.ts'

export type LaunchOrder = {
  world: World
  level: Level
  /** Whether its bounds are kept by a group of the kernel's; elsewhere they are polled. */
  inGroup: boolean
  profile: Profile
  mounts: readonly Mount[]
  /** The workspace whose own files no mount may open to a plugin. */
  workspace: string | undefined
  limits: Limits
  stateDir: string
  onLog: OnLog
  onThrottled: (message: string) => void
  streams?: Streams
  /** Where a launcher may be ready, for level A. */
  standby?: Standby | undefined
}

const WAYS: Partial<Record<Level, Contain>> = {
  A: inNamespaces,
  B: inNamespaces,
  C: behindLandlock,
  D: inSeatbelt,
  E: inContainer,
  F: underPermissionModel,
}

/** Starts a process on a level. Everything that was made for it is gone when `ended` settles. */
export async function launch(order: LaunchOrder): Promise<Launched & { at: At }> {
  const held = new AsyncDisposableStack()
  try {
    return await launchHolding(order, held)
  } catch (thrown) {
    await held.disposeAsync()
    throw thrown
  }
}

async function launchHolding(order: LaunchOrder, held: AsyncDisposableStack): Promise<Launched & { at: At }> {
  const { world, level, limits, profile, onLog, onThrottled, streams } = order
  const contain = WAYS[level]
  if (contain === undefined)
    throw new TenonError('ISOLATION_UNAVAILABLE', `level ${level} is not built in this version`)
  const bounds = boundsOf(limits)
  refuseReserved(order.mounts)
  const [mounts, ownMounts] = [await resolvedMounts(order.mounts), await resolvedMounts(profile.ownMounts)]
  const stdin = streams?.stdin ?? 'ignore'
  const ready = await takeReady(order, held)
  const cgroup = ready?.cgroup ?? (order.inGroup ? await claimCgroup(world, held) : undefined)
  await cgroup?.bound(bounds)
  const what = { profile: { ...profile, ownMounts }, mounts, bounds, stdin, cgroup, ready: ready?.child }
  const contained = await contain({ ...order, ...what }, held)
  const launched = supervise({ world, bounds, contained, cgroup, onLog, onThrottled, streams, held })
  return { ...launched, at: contained.at }
}

async function takeReady(
  { level, standby, streams, profile }: LaunchOrder,
  held: AsyncDisposableStack,
): Promise<ReadyLauncher | undefined> {
  if (level !== 'A' || streams !== undefined || profile.files.length !== READY_FILES) return undefined
  const ready = await standby?.take()
  if (ready !== undefined) held.defer(() => ready.dispose())
  return ready
}

async function claimCgroup(world: World, held: AsyncDisposableStack): Promise<Cgroup> {
  const cgroup = await makeCgroup(world, await mountedCgroups())
  held.defer(() => cgroup.remove())
  return cgroup
}
