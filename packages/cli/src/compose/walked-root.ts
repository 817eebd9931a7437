import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { TenonError } from '@tenon/contract'
import { WORKSPACE_TARGET, type Mount } from '@tenon/sandbox'

/** How a process sees the root that it walks through: to read, and without what Tenon keeps there. */
export type SeenRoot = { mounts: readonly Mount[]; workspace: string | undefined }

export const NOTHING_SEEN: SeenRoot = { mounts: [], workspace: undefined }

const OWN = '.tenon'

/** Throws PERMISSION_DENIED for a root that holds one of these folders of Tenon's where nothing would cover it. */
export function seenRoot(root: string, folders: readonly string[]): SeenRoot {
  const source = realpathSync(root)
  const open = folders.map(resolved).find((path) => isBelow(path, source) && !isBelow(path, join(source, OWN)))
  if (open !== undefined)
    throw new TenonError('PERMISSION_DENIED', `${root} is shown to no plugin, because Tenon keeps its own in ${open}`, {
      hint: 'Scan a folder without it, or trust the plugin with --trust.',
    })
  return {
    mounts: [{ source, target: WORKSPACE_TARGET, readOnly: true }],
    // Where there is nothing to cover, nothing is put there to hold its place.
    workspace: existsSync(join(source, OWN)) ? source : undefined,
  }
}

const resolved = (path: string): string => (existsSync(path) ? realpathSync(path) : path)

const isBelow = (path: string, folder: string): boolean => `${path}/`.startsWith(folder === '/' ? '/' : `${folder}/`)
