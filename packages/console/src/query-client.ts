import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { isSignedOut } from './api.ts'
import { SESSION_KEY } from './session.ts'

/** Any answer of 401, wherever it comes, is the end of the session; the address stays, so that signing in leads back. */
export function newQueryClient(): QueryClient {
  const endSession = (thrown: unknown): void => {
    if (isSignedOut(thrown)) client.setQueryData(SESSION_KEY, null)
  }
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: endSession }),
    mutationCache: new MutationCache({ onError: endSession }),
    // The host is often on loopback, where being offline says nothing.
    defaultOptions: { queries: { retry: false, networkMode: 'always' }, mutations: { networkMode: 'always' } },
  })
  return client
}
