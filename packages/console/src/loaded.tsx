import { Skeleton } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ProblemNotice } from './problem-notice.tsx'

type LoadedProps<T> = { query: UseQueryResult<T>; what: string; children: (data: T) => ReactNode }

/** Loading, failed, or there. What is there stays when a refresh fails, with a word that it is no longer fresh. */
export function Loaded<T>({ query, what, children }: LoadedProps<T>): ReactNode {
  if (query.isPending) return <Placeholder what={what} />
  const problem = query.isError ? (
    <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />
  ) : undefined
  if (query.data === undefined) return problem
  return (
    <>
      {problem !== undefined && (
        <>
          {problem}
          <p className="dimmed as-of">
            Below is what was known at {new Date(query.dataUpdatedAt).toLocaleTimeString()}.
          </p>
        </>
      )}
      {children(query.data)}
    </>
  )
}

function Placeholder({ what }: { what: string }): ReactNode {
  return (
    <div className="placeholder" role="status" aria-label={`Loading ${what}`}>
      {[1, 2, 3, 4].map((row) => (
        <Skeleton key={row} height={40} />
      ))}
    </div>
  )
}
