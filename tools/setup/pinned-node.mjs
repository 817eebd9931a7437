// Runs on Node 20: finds the Node that runs everything else.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

export const root = fileURLToPath(new URL('../../', import.meta.url))

const OLDEST = [24, 15]

const isRecent = (version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}

/** The path of the pinned Node, else of the running one if it is recent enough, else undefined. */
export function pinnedNode() {
  const pinned = join(root, 'node_modules/.bin/node')
  if (existsSync(pinned)) return pinned
  return isRecent(process.versions.node) ? process.execPath : undefined
}
