import { numberFlag, switchFlag, textFlag } from '../command.ts'
import { isolationFlag } from './isolation-flag.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export type ServeFlags = LocationFlags & {
  port?: number
  host?: string
  adminTokenFile?: string
  resetAdminToken: boolean
}

export type HostFlags = ServeFlags & { isolation?: string; environment?: string }

export const serveFlags = {
  ...locationFlags,
  port: numberFlag('The port; 0 takes a free one (default: TENON_PORT or 7420)'),
  host: textFlag('The address to listen on (default: 127.0.0.1)'),
  adminTokenFile: textFlag('Where to write the administrator token when it is made (default: shown once)'),
  resetAdminToken: switchFlag('Make a new administrator token in the place of one that is lost'),
}

/** What else a host takes, which runs plugins. */
export const hostFlags = {
  ...serveFlags,
  isolation: isolationFlag,
  environment: textFlag('The named environment whose settings hold here, such as staging (default: TENON_ENVIRONMENT)'),
}
