import { textFlag } from '../command.ts'

/** Which platform a command works with. */
export const locationFlags = {
  workspace: textFlag('The workspace folder (default: the nearest folder upward with a tenon.json)'),
  dataDir: textFlag('The data folder of a platform (default: TENON_HOME)'),
}

export const registryFlag = textFlag('URL of the registry (default: TENON_REGISTRY_URL)')

export type LocationFlags = { workspace?: string; dataDir?: string }
