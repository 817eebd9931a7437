import type { Finding } from '@tenon/contract'
import { queryOptions, useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { ask } from './api.ts'
import { PLUGINS_KEY, REFRESH_MS } from './plugins.ts'

export type OverrideState = 'requested' | 'approved' | 'revoked' | 'expired'

export type Override = {
  id: string
  state: OverrideState
  plugin: string
  /** Of the manifest of the one bundle for which the finding does not count. */
  digest: string
  finding: Finding
  why: string
  requestedBy: string
  requestedAt: string
  expiresAt: string
  approvedBy?: string
  approvedAt?: string
  revokedBy?: string
  revokedAt?: string
}

export type OverrideWish = { plugin: string; digest: string; finding: string; why: string; lifetimeMs: number }
export type OverrideStep = { override: Override; step: 'approve' | 'revoke' }

const OVERRIDES_KEY = ['overrides']

export const overridesQuery = queryOptions({
  queryKey: OVERRIDES_KEY,
  queryFn: async ({ signal }) => (await ask<{ overrides: Override[] }>('/admin/overrides', { signal })).overrides,
  refetchInterval: REFRESH_MS,
})

export const useAskForOverride = (): UseMutationResult<Override, Error, OverrideWish> =>
  useOverrideMutation((wish) => ask('/admin/overrides', { method: 'POST', body: wish }))

export const useOverrideStep = (): UseMutationResult<Override, Error, OverrideStep> =>
  useOverrideMutation(({ override: { id }, step }) => ask(`/admin/overrides/${id}/${step}`, { method: 'POST' }))

function useOverrideMutation<T>(mutationFn: (given: T) => Promise<Override>): UseMutationResult<Override, Error, T> {
  const client = useQueryClient()
  const onSettled = () =>
    Promise.all([OVERRIDES_KEY, PLUGINS_KEY].map((queryKey) => client.invalidateQueries({ queryKey })))
  return useMutation({ mutationFn, onSettled })
}
