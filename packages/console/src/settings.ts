import type { Json, Problem, SettingDeclaration } from '@tenon/contract'
import { queryOptions, useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { ask } from './api.ts'

export type SettingSource = 'variable' | 'environment' | 'stored' | 'default' | 'unset'

/** A secret has no value, whatever its source. */
export type Setting = { declaration: SettingDeclaration; source: SettingSource; value?: Json }

/** `problems` are those of values that the present declaration does not allow. */
export type Settings = { version: number; settings: Record<string, Setting>; problems: Problem[] }

export type SettingStep = { from?: Json; to?: Json }

export type SettingsChange = {
  version: number
  at: string
  who: string
  why: string
  /** Where it holds; everywhere without one. */
  environment?: string
  changed: Record<string, SettingStep>
}

export const SETTINGS_KEY = ['settings']

const pathOf = (id: string): string => `/workspace/config/${encodeURIComponent(id)}`

/** As they are in a named environment, or in that of this host. */
export const settingsQuery = (id: string, environment: string | undefined) =>
  queryOptions({
    queryKey: [...SETTINGS_KEY, id, 'in', environment ?? null],
    queryFn: ({ signal }) => ask<Settings>(pathOf(id), { query: { environment }, signal }),
  })

export const settingsHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: [...SETTINGS_KEY, id, 'history'],
    queryFn: async ({ signal }) =>
      (await ask<{ changes: SettingsChange[] }>(`${pathOf(id)}/history`, { signal })).changes,
  })

/** Null takes a setting back. */
export type Wanted = { settings: Record<string, Json>; why: string }
export type Changed = { version: number; plugin: 'told' | 'restarting' | 'not running' | 'unchanged' }

/** Changes settings of a plugin in one environment, or everywhere. */
export function useChangeSettings(
  id: string,
  environment: string | undefined,
): UseMutationResult<Changed, Error, Wanted> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (wanted: Wanted) => ask<Changed>(pathOf(id), { method: 'PUT', body: { ...wanted, environment } }),
    onSuccess: () => client.invalidateQueries({ queryKey: [...SETTINGS_KEY, id] }),
    // A secret may be among what was sent.
    gcTime: 0,
  })
}
