import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { TenonError, type World } from '@tenon/contract'
import { copyDatabase, replaceDatabase } from '@tenon/database'
import { backupFolder, openMapDatabase } from './open-database.ts'

/** Copies the database of a map, while it is used, to `to` or among its backups, and says where the copy is. */
export async function backUpMap(path: string, world: World, to?: string): Promise<string> {
  requireMap(path)
  const copy = to ?? join(backupFolder(path), `${new Date(world.now()).toISOString().replaceAll(/[:.]/g, '-')}.db`)
  if (existsSync(copy))
    throw new TenonError('DATA_FOLDER_UNWRITABLE', `${copy} exists already`, { hint: 'Choose another path.' })
  mkdirSync(dirname(copy), { recursive: true })
  await copyDatabase(path, copy, async () => {})
  return copy
}

/**
 * Puts a copy in the place of a map's database, which nobody may have open. It is brought to the newest shape beforehand, so
 * that one that cannot be used changes nothing. A dry run only tries that.
 */
export async function restoreMap(
  from: string,
  to: string,
  { world, dryRun = false }: { world: World; dryRun?: boolean },
): Promise<void> {
  requireMap(from)
  if (dryRun) return tried(from, tmpdir(), world)
  mkdirSync(dirname(to), { recursive: true })
  await tried(from, dirname(to), world, (copy) => replaceDatabase(copy, to))
}

/** Opens a copy that lies in a folder of its own, and hands it on. */
async function tried(from: string, folder: string, world: World, use?: (copy: string) => void): Promise<void> {
  const aside = mkdtempSync(join(folder, '.restoring-'))
  try {
    const copy = join(aside, 'map.db')
    await copyDatabase(from, copy, async () => {})
    openMapDatabase(copy, world, { backup: false }).close()
    use?.(copy)
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

/** Throws SCAN_UNKNOWN where there is no file. */
export function requireMap(path: string): void {
  if (existsSync(path)) return
  throw new TenonError('SCAN_UNKNOWN', `there is no map at ${path}`, {
    hint: 'Scan first, or name another database.',
    details: { path },
  })
}
