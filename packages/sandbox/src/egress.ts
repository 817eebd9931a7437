import type { World } from '@tenon/contract'
import { bridgeFile, type GuestFile } from './guest-files.ts'
import { hasOwnRoot, type Level } from './level.ts'
import type { Mount } from './mount.ts'

/** What of the only way out is in a profile. Where no socket can be opened, there is none. */
export type WayOut = { mounts: readonly Mount[]; files: readonly GuestFile[]; env: Readonly<Record<string, string>> }

export const NO_WAY_OUT: WayOut = { mounts: [], files: [], env: {} }

const PROXY = 'http://127.0.0.1:3128'
const ENV = {
  ...{ HTTP_PROXY: PROXY, HTTPS_PROXY: PROXY, http_proxy: PROXY, https_proxy: PROXY },
  NODE_USE_ENV_PROXY: '1',
}

/** The way out over a proxy's socket of the host, for libraries that take a proxy from the environment. */
export async function wayOut(
  world: World,
  level: Level,
  { egress, stateDir }: { egress?: string | undefined; stateDir: string },
): Promise<WayOut> {
  if (egress === undefined || !hasOwnRoot(level)) return NO_WAY_OUT
  return {
    mounts: [{ source: egress, target: '/run/egress.sock', readOnly: true }],
    files: [await bridgeFile(world, stateDir)],
    env: ENV,
  }
}
