import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { isSignedOut } from './api.ts'
import { endSession } from './session.ts'

/** Any answer of 401, wherever it comes, is the end of the session; the address stays, so that signing in leads back. */
export function newQueryClient(): QueryClient {
  const onError = (thrown: unknown): void => {
    if (isSignedOut(thrown)) endSession(client)
  }
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    // The host is often on loopback, where being offline says nothing.
    defaultOptions: { queries: { retry: false, networkMode: 'always' }, mutations: { networkMode: 'always' } },
  })
  return client
}
