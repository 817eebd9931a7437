import { asTenonError, TenonError } from '@tenon/contract'
import { orphanSidecars, readMap, removeOrphan, type OrphanFile } from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { ask, inline } from '../printer.ts'
import type { Result } from '../result.ts'
import { mapExtensions } from './map-extensions.ts'
import { OWN_FOLDERS } from './own-folders.ts'

export type PruneFlags = ExtensionFlags & { dryRun: boolean; yes: boolean }

type Item = { sidecarPath: string; expectedMd: string; deleted: boolean; error?: string }

/** Deletes the sidecars that lie beside nothing, once somebody has said that they may go. */
export async function pruneSidecars(cli: SmCli, flags: PruneFlags): Promise<Result> {
  const began = cli.world.monotonic()
  const { dryRun } = flags
  const orphans = await lonelySidecars(cli, flags)
  const mayGo = !dryRun && (orphans.length === 0 || flags.yes || (await isAgreed(cli, orphans)))
  const items = mayGo ? await removed(cli, orphans) : orphans.map(kept)
  const failed = items.filter(({ error }) => error !== undefined)
  const counts = {
    deleted: items.filter(({ deleted }) => deleted).length,
    wouldDelete: dryRun ? orphans.length : 0,
    errors: failed.length,
  }
  const elapsedMs = Math.round(cli.world.monotonic() - began)
  const data = { ...(dryRun ? { dryRun } : {}), ...counts, items, elapsedMs }
  return { data, text: textOf(items, counts), exit: failed.length > 0 ? 1 : 0 }
}

async function lonelySidecars(cli: SmCli, flags: PruneFlags): Promise<OrphanFile[]> {
  const { world, place } = cli
  await using configured = await mapExtensions(cli, flags)
  const { extensions, options } = configured
  const ignore = [...OWN_FOLDERS, ...options.ignore]
  return orphanSidecars({ roots: readMap(place.db)?.roots ?? ['.'], world, extensions, ignore })
}

async function isAgreed({ io }: SmCli, orphans: readonly OrphanFile[]): Promise<boolean> {
  const list = orphans.map(({ sidecarPath }) => `  ${inline(sidecarPath)}`).join('\n')
  const answer = await ask(io, `${list}\nDelete these ${orphans.length} sidecars? [y/N] `)
  if (answer !== undefined) return /^y(es)?$/i.test(answer)
  throw new TenonError('USAGE', `nobody can be asked whether ${orphans.length} sidecars may be deleted`, {
    hint: 'Look at them with --dry-run, and delete them with --yes.',
  })
}

const kept = ({ sidecarPath, expectedMd }: OrphanFile): Item => ({ sidecarPath, expectedMd, deleted: false })

async function removed({ world }: SmCli, orphans: readonly OrphanFile[]): Promise<Item[]> {
  const items: Item[] = []
  for (const orphan of orphans)
    try {
      items.push({ ...kept(orphan), deleted: await removeOrphan(orphan, world) })
    } catch (thrown) {
      items.push({ ...kept(orphan), error: asTenonError(thrown).message })
    }
  return items
}

type Counts = { deleted: number; wouldDelete: number }

function textOf(items: readonly Item[], { deleted, wouldDelete }: Counts): string {
  if (items.length === 0) return 'nothing to do: every sidecar has its file'
  const lines = items.map(({ sidecarPath, error }) =>
    inline(error === undefined ? sidecarPath : `${sidecarPath}: ${error}`),
  )
  return [...lines, wouldDelete > 0 ? `${wouldDelete} would be deleted` : `${deleted} deleted`].join('\n')
}
