import type { AuditRecord } from '@tenon/contract'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { ask } from './api.ts'

export type AuditFilters = { actor?: string; action?: string; target?: string; decision?: 'allow' | 'deny' }
export type AuditSearch = AuditFilters & { offset?: number }

export const AUDIT_PAGE_ROWS = 50

export const auditQuery = (search: AuditSearch) =>
  queryOptions({
    queryKey: ['audit', search],
    queryFn: ({ signal }) =>
      ask<{ items: AuditRecord[]; total: number; limit: number; offset: number }>('/admin/audit', {
        query: { offset: 0, ...search, limit: AUDIT_PAGE_ROWS },
        signal,
      }),
    placeholderData: keepPreviousData,
  })

/** The filters of an address; whatever says nothing is left out, so that equal searches have equal addresses. */
export function readAuditSearch(given: Record<string, unknown>): AuditSearch {
  const { actor, action, target, decision, offset } = given
  return {
    ...(isName(actor) ? { actor: String(actor) } : {}),
    ...(isName(action) ? { action: String(action) } : {}),
    ...(isName(target) ? { target: String(target) } : {}),
    ...(decision === 'allow' || decision === 'deny' ? { decision } : {}),
    ...(typeof offset === 'number' && Number.isInteger(offset) && offset > 0 ? { offset } : {}),
  }
}

/** Whether a part of an address is a name; the router reads `target=7` as a number. */
export const isName = (value: unknown): value is string | number =>
  typeof value === 'number' || (typeof value === 'string' && value !== '')
