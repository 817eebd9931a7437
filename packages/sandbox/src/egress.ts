import { hasOwnRoot, type Level } from './level.ts'
import type { Mount } from './mount.ts'

/** What of the only way out is in a profile. Where no socket can be opened, there is none. */
export type WayOut = { mounts: readonly Mount[]; env: Readonly<Record<string, string>> }

export const NO_WAY_OUT: WayOut = { mounts: [], env: {} }

const PROXY = 'http://127.0.0.1:3128'
const ENV = {
  ...{ HTTP_PROXY: PROXY, HTTPS_PROXY: PROXY, http_proxy: PROXY, https_proxy: PROXY },
  NODE_USE_ENV_PROXY: '1',
}

/** The way out over a proxy's socket of the host, for libraries that take a proxy from the environment. */
export function wayOut(level: Level, egress: string | undefined): WayOut {
  if (egress === undefined || !hasOwnRoot(level)) return NO_WAY_OUT
  return {
    mounts: [{ source: egress, target: '/run/egress.sock', readOnly: true }],
    env: ENV,
  }
}
