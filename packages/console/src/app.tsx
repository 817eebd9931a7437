import { useQuery } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { HostProblem } from './api.ts'
import { ProblemNotice } from './problem-notice.tsx'
import { router } from './router.tsx'
import { sessionQuery } from './session.ts'
import { SignInPage } from './sign-in-page.tsx'

/** Signed out, the pages are not there at all and the address waits for them. */
export function App({ refused }: { refused: HostProblem | undefined }): ReactNode {
  const session = useQuery(sessionQuery)
  if (session.isPending) return null
  if (session.isError)
    return (
      <main className="lone">
        <h1>Tenon</h1>
        <ProblemNotice problem={session.error} onRetry={() => void session.refetch()} />
      </main>
    )
  return session.data === null ? <SignInPage refused={refused} /> : <RouterProvider router={router} />
}
