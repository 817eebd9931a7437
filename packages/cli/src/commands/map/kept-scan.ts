import { TenonError } from '@tenon/contract'
import type { ScanParts, ScanResult, ShownNode } from '@tenon/map'
import type { SmCli } from './sm-command.ts'

/** The scan that is kept where a verb works. Throws SCAN_UNKNOWN. */
export async function keptScan(cli: SmCli): Promise<ScanResult> {
  const { readMap } = await import('@tenon/map')
  return kept(cli, readMap(cli.place.db))
}

/** As `keptScan`, only the parts that are named, so that no other is read. */
export async function keptParts<Part extends keyof ScanParts>(
  cli: SmCli,
  ...parts: readonly Part[]
): Promise<Pick<ScanParts, Part>> {
  const { readMapParts } = await import('@tenon/map')
  return kept(cli, readMapParts(cli.place.db, ...parts))
}

/** A node of the scan that is kept. Throws SCAN_UNKNOWN, NODE_UNKNOWN. */
export async function keptNode(cli: SmCli, path: string): Promise<ShownNode> {
  const { showKeptNode } = await import('@tenon/map')
  return kept(cli, showKeptNode(cli.place.db, path))
}

function kept<T>({ place }: SmCli, held: T | undefined): T {
  if (held !== undefined) return held
  throw new TenonError('SCAN_UNKNOWN', `there is no map in ${place.db}`, { hint: 'Make one with: sm scan' })
}
