import type { Audit, AuditEntry, AuditRecord } from '@tenon/contract'

export type CollectedAudit = Audit & { entries: AuditEntry[] }

/** An audit that keeps its entries in memory, for packages that only write to it. */
export function collectAudit(): CollectedAudit {
  const entries: AuditEntry[] = []
  return {
    entries,
    record: async (entry) => void entries.push(entry),
    search: ({ limit, offset }) => ({
      items: entries.slice(offset, offset + limit) as unknown as AuditRecord[],
      total: entries.length,
    }),
    uses: () => [],
  }
}
