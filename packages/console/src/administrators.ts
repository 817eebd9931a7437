import { queryOptions, useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { ask } from './api.ts'

const ADMINISTRATORS_KEY = ['administrators']

export const administratorsQuery = queryOptions({
  queryKey: ADMINISTRATORS_KEY,
  queryFn: async ({ signal }) =>
    (await ask<{ users: { name: string }[] }>('/admin/users', { signal })).users.map(({ name }) => name),
})

/** The token is told in this answer and never again. */
export const useAddAdministrator = (): UseMutationResult<{ name: string; token: string }, Error, string> =>
  useAdministratorMutation((name) => ask('/admin/users', { method: 'POST', body: { name } }))

export const useRemoveAdministrator = (): UseMutationResult<void, Error, string> =>
  useAdministratorMutation((name) => ask(`/admin/users/${encodeURIComponent(name)}`, { method: 'DELETE' }))

function useAdministratorMutation<Answer>(
  mutationFn: (name: string) => Promise<Answer>,
): UseMutationResult<Answer, Error, string> {
  const client = useQueryClient()
  return useMutation({
    mutationFn,
    onSettled: () => client.invalidateQueries({ queryKey: ADMINISTRATORS_KEY }),
    // A token may be in the answer.
    gcTime: 0,
  })
}
