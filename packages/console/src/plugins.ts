import { queryOptions, useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { ask } from './api.ts'

export type PluginStatus = 'registered' | 'active' | 'disabled' | 'quarantined'
export type Health = 'healthy' | 'degraded' | 'unhealthy' | 'unknown'

export type PluginRow = {
  id: string
  name: string
  version: string
  publisher?: string
  kind: string
  status: PluginStatus
  health: Health
  contained: boolean
  level?: string
  contracts: string[]
  traits: string[]
}

export type Permission = {
  capability: string
  reason: string
  granted: boolean
  /** Granted by each run, to it alone. */
  perRun: boolean
  /** How often; absent where nobody can count. */
  used?: number
}
export type Operation = { name: string; summary: string; input: boolean; output: boolean }

export type HealthRecord = {
  status: Health
  lastCheck?: string
  lastHeartbeat?: string
  consecutiveFailures: number
  responseTimeMs?: number
  errorMessage?: string
}

/** Who vouches for an installed plugin and for what, and why it would not be started now. */
export type Verification = {
  signer?: string
  manifest?: string
  gates?: { gate: string; checked: number; problems: number }[]
  refusals: { code: string; message: string }[]
  /** What would speak against it, but for an override. */
  waived: { code: string; message: string; override: string; expiresAt: string }[]
}

export type PluginDetail = PluginRow & {
  verification?: Verification
  description?: string
  registeredAt: string
  statusReason?: string
  address?: string
  permissions: Permission[]
  operations: Operation[]
  healthRecord: HealthRecord
  manifest: unknown
}

export type Switch = { id: string; to: 'enable' } | { id: string; to: 'disable'; reason: string }

export const PLUGINS_KEY = ['plugins']
export const REFRESH_MS = 4_000

export const pluginsQuery = queryOptions({
  queryKey: PLUGINS_KEY,
  queryFn: ({ signal }) => ask<{ plugins: PluginRow[]; total: number }>('/plugins', { signal }),
  refetchInterval: REFRESH_MS,
})

export const pluginQuery = (id: string) =>
  queryOptions({
    queryKey: [...PLUGINS_KEY, id],
    queryFn: ({ signal }) => ask<PluginDetail>(`/plugins/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: REFRESH_MS,
  })

/** Enables or disables a plugin and shows what the host then says of it. */
export function useSwitch(): UseMutationResult<unknown, Error, Switch> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (wanted: Switch) =>
      ask(`/admin/plugins/${encodeURIComponent(wanted.id)}/${wanted.to}`, {
        method: 'POST',
        ...(wanted.to === 'disable' ? { query: { reason: wanted.reason } } : {}),
      }),
    onSettled: () => client.invalidateQueries({ queryKey: PLUGINS_KEY }),
  })
}

export type Answer = { value: unknown; tookMs: number }

export function useCall(plugin: string, operation: string): UseMutationResult<Answer> {
  return useMutation({
    mutationFn: async (body: unknown) => {
      const path = `/gateway/${encodeURIComponent(plugin)}/${encodeURIComponent(operation)}`
      const started = performance.now()
      const value = await ask<unknown>(path, { method: 'POST', query: { keep: 'true' }, body })
      return { value, tookMs: Math.round(performance.now() - started) }
    },
  })
}
