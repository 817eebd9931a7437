import { TenonError } from '@tenon/contract'
import type { ScanResult } from '@tenon/map'
import type { SmCli } from './sm-command.ts'

/** The scan that is kept where a verb works. Throws SCAN_UNKNOWN. */
export async function keptScan({ place }: SmCli): Promise<ScanResult> {
  const { readMap } = await import('@tenon/map')
  const result = readMap(place.db)
  if (result !== undefined) return result
  throw new TenonError('SCAN_UNKNOWN', `there is no map in ${place.db}`, { hint: 'Make one with: sm scan' })
}
