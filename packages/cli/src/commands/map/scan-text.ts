import type { ScanResult } from '@tenon/map'

/** A scan in one line. */
export const scanText = ({ stats }: ScanResult): string =>
  `${stats.nodesCount} nodes, ${stats.linksCount} links, ${stats.issuesCount} issues in ${stats.durationMs} ms`
