import { textFlag } from '../command.ts'

export type EnvironmentFlag = { environment?: string }

export const environmentFlag = textFlag('A named environment of hosts, such as staging')

/** Where the settings of a plugin are: in the host's own environment, unless another is named. */
export const configPath = (id: string, environment?: string): string =>
  `/workspace/config/${encodeURIComponent(id)}${environment === undefined ? '' : `?environment=${encodeURIComponent(environment)}`}`
