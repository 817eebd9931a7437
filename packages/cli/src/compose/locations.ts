import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { World } from '@tenon/contract'

/** Where one platform keeps what: a workspace, the host's data over it, and what belongs to this machine. */
export type Locations = {
  /** Keys, trust and master key of this machine; never in a project. */
  home: string
  /** The folder that one process owns. */
  owned: string
  workspace: string
  host: string
  registry: string
  /** Scratch of running plugins. */
  state: string
}

export type LocationFlags = { dataDir?: string; workspace?: string }

/** What belongs to this machine's user, and where a platform is that nobody named. */
export const homeOf = ({ env, cwd }: World): string =>
  resolve(cwd, env['TENON_HOME'] ?? join(env['HOME'] ?? homedir(), '.local/share/tenon'))

/**
 * The platform that a command means: `--workspace`, else `--data-dir`, else the nearest folder upward that holds a
 * `tenon.json`, else the platform of TENON_HOME.
 */
export function locationsOf(world: World, { dataDir, workspace }: LocationFlags): Locations {
  const home = homeOf(world)
  if (workspace !== undefined) return ofWorkspace(home, resolve(world.cwd, workspace))
  if (dataDir !== undefined) {
    // A data folder that was named is a home of its own, unless TENON_HOME says otherwise.
    const root = resolve(world.cwd, dataDir)
    return ofDataFolder(world.env['TENON_HOME'] === undefined ? root : home, root)
  }
  const project = nearestProject(world.cwd)
  return project === undefined ? ofDataFolder(home, home) : ofWorkspace(home, project)
}

function nearestProject(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'tenon.json'))) return folder
    if (folder === dirname(folder)) return undefined
  }
}

function ofWorkspace(home: string, workspace: string): Locations {
  const owned = join(workspace, '.tenon/data')
  return { home, owned, workspace, host: owned, registry: join(home, 'registry'), state: join(owned, 'state') }
}

function ofDataFolder(home: string, root: string): Locations {
  return {
    home,
    owned: root,
    workspace: join(root, 'workspace'),
    host: join(root, 'host'),
    registry: join(root, 'registry'),
    state: join(root, 'host/state'),
  }
}
