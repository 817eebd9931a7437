import {
  type QueryClient,
  queryOptions,
  useMutation,
  useQueryClient,
  type UseMutationResult,
} from '@tanstack/react-query'
import { ask, HostProblem, isSignedOut } from './api.ts'

export type Session = { name: string; traits: string[] }

const SESSION_KEY = ['session']

/** Null when signed out. */
export const sessionQuery = queryOptions({
  queryKey: SESSION_KEY,
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await ask<Session>('/auth/me', { signal })
    } catch (thrown) {
      if (isSignedOut(thrown)) return null
      throw thrown
    }
  },
  staleTime: Infinity,
})

export function useSignIn(): UseMutationResult<void, Error, string> {
  const client = useQueryClient()
  return useMutation({ mutationFn: openSession, onSuccess: () => client.invalidateQueries({ queryKey: SESSION_KEY }) })
}

/** What was read in a session is forgotten with it. */
export function endSession(client: QueryClient): void {
  client.setQueryData(SESSION_KEY, null)
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] })
}

export function useSignOut(): UseMutationResult<void, Error, void> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => ask<void>('/auth/session', { method: 'DELETE' }),
    onSuccess: () => endSession(client),
  })
}

/** Signs in with the token of an address such as `/ui/#token=…`. Returns why it was refused, if it was. */
export async function signInFromAddress(): Promise<HostProblem | undefined> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return undefined
  history.replaceState(history.state, '', location.pathname + location.search)
  try {
    await openSession(token)
    return undefined
  } catch (thrown) {
    if (thrown instanceof HostProblem) return thrown
    throw thrown
  }
}

const openSession = (token: string): Promise<void> => ask('/auth/session', { method: 'POST', body: { token } })
