import { once } from 'node:events'
import { TenonError, type World } from '@tenon/contract'
import type { OnLog } from './bounded-log.ts'
import { inNamespaces } from './bubblewrap.ts'
import { makeCgroup, mountedCgroups, type Cgroup } from './cgroup.ts'
import type { Confined, Contain } from './contained.ts'
import { inContainer } from './container-engine.ts'
import { behindLandlock } from './landlock.ts'
import { isThere } from './launcher.ts'
import { inOwnRoot, type At } from './layout.ts'
import type { Level } from './level.ts'
import { boundsOf, type Limits } from './limits.ts'
import { refuseReserved, resolvedMounts, type Mount } from './mount.ts'
import { underPermissionModel } from './permission-model.ts'
import type { Profile } from './profile.ts'
import { inSeatbelt } from './seatbelt.ts'
import type { ReadyGuest, ReadyLauncher, Standby } from './standby.ts'
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
  /** What may be ready for a start on level A. */
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
  const { world, onLog, onThrottled, streams, standby } = order
  const waiting = isPlain(order) ? await standby?.guest.take(likeness(order)) : undefined
  const { contained, bounds, cgroup, held } = waiting ?? (await confined(order))
  const launched = supervise({ world, bounds, contained, cgroup, onLog, onThrottled, streams, held })
  return { ...launched, at: contained.at }
}

/** Makes ready what the start of another plugin may need: a launcher, and a process that is contained as this one is. */
export function prepareNext(order: LaunchOrder): void {
  if (order.level === 'A') order.standby?.launcher.prepare()
  if (isPlain(order)) order.standby?.guest.prepare(likeness(order), () => readyGuest(order))
}

/** Whether it sees nothing of the host that its plugin alone may see, so that it may be made before its plugin is known. */
const isPlain = ({ level, mounts, profile, streams }: LaunchOrder): boolean =>
  level === 'A' &&
  streams === undefined &&
  [mounts, profile.ownMounts, profile.files, Object.keys(profile.env)].every(({ length }) => length === 0)

/** What two plain processes that are contained alike have in common. */
function likeness({ inGroup, limits, stateDir, profile: { runtime, argv, isFenced } }: LaunchOrder): string {
  return JSON.stringify([inGroup, boundsOf(limits), stateDir, runtime, argv(inOwnRoot), isFenced])
}

async function readyGuest(order: LaunchOrder): Promise<ReadyGuest> {
  const guest = await confined({ ...order, standby: undefined })
  const { child, endAll } = guest.contained
  const dispose = async (): Promise<void> => {
    if (isThere(child)) await Promise.all([once(child, 'exit'), endAll()])
    await guest.held.disposeAsync()
  }
  return { ...guest, isThere: () => isThere(child), dispose }
}

async function confined(order: LaunchOrder): Promise<Confined> {
  const held = new AsyncDisposableStack()
  try {
    return { ...(await containedHolding(order, held)), held }
  } catch (thrown) {
    await held.disposeAsync()
    throw thrown
  }
}

async function containedHolding(order: LaunchOrder, held: AsyncDisposableStack): Promise<Omit<Confined, 'held'>> {
  const { world, level, profile, streams } = order
  const contain = WAYS[level]
  if (contain === undefined)
    throw new TenonError('ISOLATION_UNAVAILABLE', `level ${level} is not built in this version`)
  const bounds = boundsOf(order.limits)
  refuseReserved(order.mounts)
  const [mounts, ownMounts] = [await resolvedMounts(order.mounts), await resolvedMounts(profile.ownMounts)]
  const stdin = streams?.stdin ?? 'ignore'
  const ready = await takeLauncher(order, held)
  const cgroup = ready?.cgroup ?? (order.inGroup ? await claimCgroup(world, held) : undefined)
  await cgroup?.bound(bounds)
  const what = { profile: { ...profile, ownMounts }, mounts, bounds, stdin, cgroup, ready: ready?.child }
  return { contained: await contain({ ...order, ...what }, held), bounds, cgroup }
}

async function takeLauncher(
  { level, standby, streams, profile }: LaunchOrder,
  held: AsyncDisposableStack,
): Promise<ReadyLauncher | undefined> {
  if (level !== 'A' || streams !== undefined || profile.files.length > 0) return undefined
  const ready = await standby?.launcher.take()
  if (ready !== undefined) held.defer(() => ready.dispose())
  return ready
}

async function claimCgroup(world: World, held: AsyncDisposableStack): Promise<Cgroup> {
  const cgroup = await makeCgroup(world, await mountedCgroups())
  held.defer(() => cgroup.remove())
  return cgroup
}
