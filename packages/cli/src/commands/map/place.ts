import { join, resolve } from 'node:path'
import { TenonError, type World } from '@tenon/contract'

/** Where a map is kept: of the working directory, or, globally, of the home folder. */
export type MapPlace = {
  scope: 'project' | 'global'
  /** The folder that `.skill-map` lies in. */
  root: string
  /** `.skill-map` itself. */
  folder: string
  db: string
}

export function mapPlace({ env, cwd }: World, { global, db }: { global: boolean; db?: string }): MapPlace {
  const scope = global || env['SKILL_MAP_SCOPE'] === 'global' ? 'global' : 'project'
  const root = scope === 'global' ? homeOf(env) : cwd
  const folder = join(root, '.skill-map')
  const chosen = db ?? env['SKILL_MAP_DB']
  return { scope, root, folder, db: chosen === undefined ? join(folder, 'skill-map.db') : resolve(cwd, chosen) }
}

function homeOf(env: World['env']): string {
  const home = env['HOME'] ?? ''
  if (home !== '') return home
  throw new TenonError('USAGE', 'there is no home folder to keep a global map in', { hint: 'Set HOME.' })
}
