import type { Revocation } from '@tenon/contract'
import { queryOptions, useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { ask } from './api.ts'
import { PLUGINS_KEY } from './plugins.ts'

/** A key that may sign for a publisher on this machine, on the word of a registry or of its operator. */
export type TrustedKey = { keyId: string; publisher: string; source: string; revoked: boolean }

export type KnownRevocations = {
  /** By the operator of this machine. */
  here: Revocation[]
  heard: { registry: string; askedAt: string; revocations: Revocation[] }[]
}

const TRUST_KEY = ['trust']

export const keysQuery = queryOptions({
  queryKey: [...TRUST_KEY, 'keys'],
  queryFn: async ({ signal }) => (await ask<{ keys: TrustedKey[] }>('/admin/keys', { signal })).keys,
})

export const revocationsQuery = queryOptions({
  queryKey: [...TRUST_KEY, 'revocations'],
  queryFn: ({ signal }) => ask<KnownRevocations>('/admin/revocations', { signal }),
})

export const useTrustKey = (): UseMutationResult<TrustedKey, Error, { publisher: string; publicKey: string }> =>
  useTrustMutation((body) => ask('/admin/keys', { method: 'PUT', body }))

export const useRevokeKey = (): UseMutationResult<Revocation, Error, { keyId: string; why: string }> =>
  useTrustMutation(({ keyId, why }) =>
    ask(`/admin/keys/${encodeURIComponent(keyId)}/revoke`, { method: 'POST', body: { why } }),
  )

/** The version is the one that was looked at: another that was installed meanwhile is not revoked. */
export const useRevokePlugin = (): UseMutationResult<Revocation, Error, { id: string; version: string; why: string }> =>
  useTrustMutation(({ id, ...body }) =>
    ask(`/admin/plugins/${encodeURIComponent(id)}/revoke`, { method: 'POST', body }),
  )

export const useAskRegistries = (): UseMutationResult<KnownRevocations, Error, void> =>
  useTrustMutation(() => ask('/admin/revocations', { method: 'POST' }))

function useTrustMutation<Given, Answer>(
  mutationFn: (given: Given) => Promise<Answer>,
): UseMutationResult<Answer, Error, Given> {
  const client = useQueryClient()
  const onSettled = () =>
    Promise.all([TRUST_KEY, PLUGINS_KEY].map((queryKey) => client.invalidateQueries({ queryKey })))
  return useMutation({ mutationFn, onSettled })
}
