import { queryOptions, useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { ask, HostProblem } from './api.ts'

export type ScanNode = {
  path: string
  kind: string
  provider: string
  frontmatter?: Record<string, unknown>
  externalRefsCount: number
}

export type ScanLink = {
  source: string
  target: string
  kind: string
  confidence: 'high' | 'medium' | 'low'
  trigger?: { originalTrigger: string; normalizedTrigger: string } | null
}

export type ScanIssue = { ruleId: string; severity: 'error' | 'warn' | 'info'; nodeIds: string[]; message: string }

/** The part of skill-map's ScanResult that is shown. */
export type Scan = {
  scannedAt: number
  roots: string[]
  nodes: ScanNode[]
  links: ScanLink[]
  issues: ScanIssue[]
}

const SCAN_KEY = ['scan']
const SCAN_PATH = '/map/api/scan'

/** Null while nothing was scanned. */
export const scanQuery = queryOptions({
  queryKey: SCAN_KEY,
  queryFn: async ({ signal }): Promise<Scan | null> => {
    try {
      return await ask<Scan>(SCAN_PATH, { signal })
    } catch (thrown) {
      if (thrown instanceof HostProblem && thrown.facts.code === 'SCAN_UNKNOWN') return null
      throw thrown
    }
  },
  staleTime: 30_000,
})

/** A scan of what was scanned last; an empty one takes the place of another only if it may. */
export function useScanAgain(): UseMutationResult<Scan, Error, { allowEmpty: boolean }> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body) => ask<Scan>(SCAN_PATH, { method: 'POST', body }),
    onSuccess: (scan) => client.setQueryData(SCAN_KEY, scan),
  })
}
