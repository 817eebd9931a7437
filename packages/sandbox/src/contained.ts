import type { ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { World } from '@tenon/contract'
import type { Cgroup } from './cgroup.ts'
import type { Verdict } from './end-report.ts'
import type { At } from './layout.ts'
import type { Bounds } from './limits.ts'
import type { Mount } from './mount.ts'
import type { Profile } from './profile.ts'
import type { Tied } from './spawned.ts'

/** What is to be contained, every path of the host in it resolved. */
export type Containment = {
  world: World
  profile: Profile
  mounts: readonly Mount[]
  workspace: string | undefined
  bounds: Bounds
  cgroup: Cgroup | undefined
  stdin: Tied
  stateDir: string
  /** A launcher that is in the group already. */
  ready: ChildProcess | undefined
}

/** A process that was started contained. */
export type Contained = {
  child: ChildProcess
  /** Whether the child is a launcher of ours that stays, and is not held back with the rest. */
  hasKeeper: boolean
  channel: Duplex
  /** The process that takes all others with it when it ends, when it is there. */
  inner: Promise<number | undefined>
  at: At
  /** Folders and files of the host that it may write to, and so fill. */
  writable: readonly string[]
  /** Looks whether something happened that ends its containment. */
  look(): Promise<Verdict | undefined>
  /** Ends everything, when it did not help that the inner process was ended. */
  endAll(): Promise<unknown>
}

/** A process that is contained and that nobody watches yet. */
export type Confined = {
  contained: Contained
  bounds: Bounds
  cgroup: Cgroup | undefined
  /** What was made for it. */
  held: AsyncDisposableStack
}

/** One way to contain a process. What it makes for that is deferred to `held`. */
export type Contain = (what: Containment, held: AsyncDisposableStack) => Promise<Contained>
