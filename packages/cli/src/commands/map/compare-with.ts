import type { ScanDifference } from '@tenon/map'
import { columns } from '../../printer.ts'
import { readNamed } from '../named-file.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { smCommand } from './sm-command.ts'

export const mapCompareWith = smCommand<ExtensionFlags, [dump: string, ...roots: string[]]>({
  brief: 'Scan folders, keep nothing, and tell what differs from a scan that was saved; 1 when something does',
  example: 'map scan compare-with before.json .',
  flags: extensionFlags,
  args: ['dump', 'root...'],
  async run(cli, flags, dump, ...given) {
    const { compareScans, readScanDump } = await import('@tenon/map')
    const { scanAside } = await import('../../compose/map-scan.ts')
    const before = readScanDump(await readNamed(cli.world, dump), dump)
    const { result } = await scanAside(cli, flags, given)
    const difference = compareScans(before, result)
    const rows = rowsOf(difference)
    return {
      data: { comparedWith: dump, ...difference },
      text: rows.length === 0 ? 'no difference' : columns(['', 'WHAT', 'WHICH'], rows),
      exit: rows.length === 0 ? 0 : 1,
    }
  },
})

const rowsOf = ({ nodes, links, issues }: ScanDifference): string[][] => [
  ...sides(nodes, 'node', ({ path }) => path),
  ...nodes.changed.map(({ after, reason }) => ['~', 'node', `${after.path} (${reason})`]),
  ...sides(links, 'link', ({ source, kind, target }) => `${source} ${kind} ${target}`),
  ...sides(issues, 'issue', ({ ruleId, message }) => `${ruleId}: ${message}`),
]

const sides = <T>(
  { added, removed }: { added: readonly T[]; removed: readonly T[] },
  what: string,
  shown: (item: T) => string,
): string[][] => [...added.map((item) => ['+', what, shown(item)]), ...removed.map((item) => ['-', what, shown(item)])]
