import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { AuditFilterForm } from './audit-filter-form.tsx'
import { AuditTable } from './audit-table.tsx'
import { AUDIT_PAGE_ROWS, auditQuery, type AuditFilters, type AuditSearch } from './audit.ts'
import { Loaded } from './loaded.tsx'
import { Page } from './page.tsx'

const route = getRouteApi('/audit')

export function AuditPage(): ReactNode {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const entries = useQuery(auditQuery(search))
  const { offset = 0, ...filters } = search
  const show = (next: AuditSearch): void => void navigate({ search: next })
  return (
    <Page
      title="Audit"
      about="What was asked of the host and decided, newest first."
      actions={
        <Button variant="default" size="xs" aria-busy={entries.isFetching} onClick={() => void entries.refetch()}>
          Refresh
        </Button>
      }
    >
      <AuditFilterForm key={JSON.stringify(filters)} filters={filters} onFilter={show} />
      <Loaded query={entries} what="the audit entries">
        {({ items, total }) => (
          <div className="stale-while-loading" data-stale={entries.isPlaceholderData}>
            {items.length === 0 ? (
              <NoEntries filters={filters} />
            ) : (
              <AuditTable entries={items} onOnly={(only) => show({ ...filters, ...only })} />
            )}
            <Paging
              offset={offset}
              shown={items.length}
              total={total}
              onOffset={(next) => show(next > 0 ? { ...filters, offset: next } : filters)}
            />
          </div>
        )}
      </Loaded>
    </Page>
  )
}

function NoEntries({ filters }: { filters: AuditFilters }): ReactNode {
  return (
    <div className="empty">
      <h2>{Object.keys(filters).length === 0 ? 'Nothing has been recorded yet' : 'No entry matches'}</h2>
      <p>Every start, call, grant and refusal becomes an entry here.</p>
    </div>
  )
}

type PagingProps = { offset: number; shown: number; total: number; onOffset: (offset: number) => void }

function Paging({ offset, shown, total, onOffset }: PagingProps): ReactNode {
  if (total <= AUDIT_PAGE_ROWS && offset === 0) return <p className="dimmed">{`${total.toLocaleString()} in all.`}</p>
  const last = offset + shown
  return (
    <nav className="paging" aria-label="Pages of the audit">
      <Button
        variant="default"
        size="xs"
        disabled={offset === 0}
        onClick={() => onOffset(Math.max(0, offset - AUDIT_PAGE_ROWS))}
      >
        Newer
      </Button>
      <span role="status">
        {(shown === 0 ? offset : offset + 1).toLocaleString()} to {last.toLocaleString()} of {total.toLocaleString()}
      </span>
      <Button variant="default" size="xs" disabled={last >= total} onClick={() => onOffset(offset + AUDIT_PAGE_ROWS)}>
        Older
      </Button>
    </nav>
  )
}
