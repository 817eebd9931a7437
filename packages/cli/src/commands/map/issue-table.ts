import type { Issue } from '@tenon/map'
import { columns } from '../../printer.ts'

export const issueTable = (issues: readonly Issue[]): string =>
  columns(
    ['SEVERITY', 'RULE', 'NODES', 'MESSAGE'],
    issues.map(({ severity, ruleId, nodeIds, message }) => [severity, ruleId, nodeIds.join(', '), message]),
  )
