import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { World } from '@tenon/contract'

/** The folder of a plugin that a person named by its path or, under `plugins/`, by its id. */
export function pluginFolder({ cwd }: World, named = '.'): string {
  const direct = resolve(cwd, named)
  const byId = resolve(cwd, 'plugins', named)
  return !existsSync(direct) && existsSync(byId) ? byId : direct
}
