import type { At } from './layout.ts'
import { WORKSPACE_TARGET, type Mount } from './mount.ts'
import type { Runtime } from './runtime.ts'

/** Bytes that are handed in, and where they stand inside. */
export type GuestFile = { target: string; bytes: Uint8Array }

/** Everything that one process is made of, but for what of the host was granted. */
export type Profile = {
  runtime: Runtime
  /** What follows the interpreter on its command line. */
  argv: (at: At) => readonly string[]
  /** Verified bytes, which are handed in so that nothing can change them between check and use. */
  files: readonly GuestFile[]
  /** Shown at targets of the profile's own, such as the plugin's code, which may well lie in a workspace's `.tenon`. */
  ownMounts: readonly Mount[]
  env: Readonly<Record<string, string>>
  /** Whether its arguments put it under Node's own permission model. */
  isFenced: boolean
}

/** What a process finds in its environment: where its own folder is, where the workspace is if it sees any of it, and what was granted. */
export function environmentOf({ env }: Pick<Profile, 'env'>, mounts: readonly Mount[], at: At): Record<string, string> {
  const seesWorkspace = mounts.some(({ target }) => `${target}/`.startsWith(`${WORKSPACE_TARGET}/`))
  return {
    ...{ PATH: '/bin', HOME: at('/tmp'), TMPDIR: at('/tmp'), LANG: 'C.UTF-8' },
    ...(seesWorkspace ? { TENON_WORKSPACE: at(WORKSPACE_TARGET) } : {}),
    ...env,
  }
}
