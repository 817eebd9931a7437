import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import type { World } from '@tenon/contract'
import type { Machine } from '@tenon/installer'

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

/** What belongs to this machine, as it is written to. */
export const machineOf = ({ world, locations }: { world: World; locations: Locations }): Machine => ({
  home: locations.home,
  newId: () => world.newId(),
})

export type LocationFlags = { dataDir?: string; workspace?: string }

/** The name of a data folder's own workspace. */
const WORKSPACE = 'workspace'

/** What belongs to this machine's user, and where a platform is that nobody named. */
export const homeOf = ({ env, cwd }: World): string =>
  resolve(cwd, env['TENON_HOME'] ?? join(env['HOME'] ?? homedir(), '.local/share/tenon'))

/**
 * The platform that a command means: `--workspace`, else `--data-dir`, else the nearest folder upward that holds a
 * `tenon.json`, else the platform of TENON_HOME.
 */
export function locationsOf(world: World, { dataDir, workspace }: LocationFlags): Locations {
  const home = homeOf(world)
  if (workspace !== undefined) return ofWorkspace(world, resolve(world.cwd, workspace))
  if (dataDir !== undefined) return ofDataFolder(world, resolve(world.cwd, dataDir))
  const project = nearestProject(world.cwd)
  return project === undefined ? inDataFolder(home, home) : ofWorkspace(world, project)
}

function nearestProject(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'tenon.json'))) return folder
    if (folder === dirname(folder)) return undefined
  }
}

/** Whether the host's data lie in the folder of a project. */
export const isProject = ({ owned, workspace }: Locations): boolean => owned === dataOf(workspace)

const dataOf = (workspace: string): string => join(workspace, '.tenon/data')

function ofWorkspace(world: World, workspace: string): Locations {
  const root = dirname(workspace)
  const isOfDataFolder = basename(workspace) === WORKSPACE && existsSync(join(root, 'host/host.db'))
  // One workspace has one owner, however it was named.
  if (isOfDataFolder) return ofDataFolder(world, root)
  const home = homeOf(world)
  const owned = dataOf(workspace)
  return { home, owned, workspace, host: owned, registry: join(home, 'registry'), state: join(owned, 'state') }
}

/** A data folder that was named is a home of its own, unless TENON_HOME says otherwise. */
const ofDataFolder = (world: World, root: string): Locations =>
  inDataFolder(world.env['TENON_HOME'] === undefined ? root : homeOf(world), root)

function inDataFolder(home: string, root: string): Locations {
  return {
    home,
    owned: root,
    workspace: join(root, WORKSPACE),
    host: join(root, 'host'),
    registry: join(root, 'registry'),
    state: join(root, 'host/state'),
  }
}
