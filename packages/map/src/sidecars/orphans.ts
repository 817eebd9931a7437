import { lstat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { World } from '@tenon/contract'
import { walk } from '../files/walk.ts'
import type { ExtensionSource } from '../kernel/extension.ts'
import { extensionsReadBy, walks } from '../kernel/provider-files.ts'
import { openRegistry } from '../kernel/registry.ts'
import { isErrno } from './alone.ts'
import { remove } from './rewrite.ts'

/** A sidecar whose file is not there. Paths beside those of nodes, and where it lies. */
export type OrphanFile = { sidecarPath: string; expectedMd: string; absolute: string }

type Search = {
  /** Folders, against the world's working directory. */
  roots: readonly string[]
  world: World
  extensions: readonly ExtensionSource[]
  ignore?: readonly string[]
}

/** The sidecars below the roots that lie beside no file of their name. */
export async function orphanSidecars({ roots, world, extensions, ignore = [] }: Search): Promise<OrphanFile[]> {
  const { providers } = openRegistry(extensions, { keys: [], kinds: [] })
  const read = new Set(['.md', ...extensionsReadBy(providers)])
  const any = providers.some(walks)
  const found: OrphanFile[] = []
  for (const root of roots.map((name) => resolve(world.cwd, name))) {
    const { orphanSidecars: lonely } = walk(root, { extensions: read, any, ignore, onSkipped: () => {} })
    for (const { relativePath, expectedMdPath } of lonely) {
      const orphan = { sidecarPath: relativePath, expectedMd: expectedMdPath, absolute: join(root, relativePath) }
      if (await isLonely(orphan)) found.push(orphan)
    }
  }
  return found
}

/** Takes an orphan away, unless its file has come meanwhile. Throws SIDECAR_UNWRITABLE. */
export const removeOrphan = (orphan: OrphanFile, world: World): Promise<boolean> =>
  remove(orphan.absolute, world, () => isLonely(orphan))

/** A link counts as a file, though no scan reads it. */
const isLonely = ({ absolute }: OrphanFile): Promise<boolean> =>
  lstat(absolute.replace(/sm$/, 'md')).then(
    () => false,
    (thrown: unknown) => isErrno(thrown, 'ENOENT'),
  )
