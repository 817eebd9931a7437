import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { ask } from './api.ts'
import { PLUGINS_KEY } from './plugins.ts'
import { SETTINGS_KEY } from './settings.ts'

/** From which version of the declaration to which, and how many keys or settings were changed by it. */
export type Move = { from: number; to: number; changed: number }
export type Migrated = { storage: Move; settings: Move }

/** Brings what a plugin stored to the versions that it declares; or only tries to, on a copy. */
export function useMigrate(id: string): UseMutationResult<Migrated, Error, { dryRun: boolean }> {
  const client = useQueryClient()
  const path = `/admin/plugins/${encodeURIComponent(id)}/migrate`
  return useMutation({
    mutationFn: ({ dryRun }) => ask(path, { method: 'POST', query: { dryRun: String(dryRun) } }),
    onSettled: () =>
      Promise.all([PLUGINS_KEY, [...SETTINGS_KEY, id]].map((queryKey) => client.invalidateQueries({ queryKey }))),
  })
}
