import { queryOptions, useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { ask } from './api.ts'
import { PLUGINS_KEY } from './plugins.ts'

/** Where a grant is written: for this host alone, or in the `tenon.json` of its workspace. */
export type GrantPlace = 'host' | 'workspace'

/** `workspace` is there for a plugin that is installed. */
export type Grants = { host: string[]; workspace?: string[] }

export type GrantChange = { capability: string; place: GrantPlace; isGiven: boolean }

const pathOf = (id: string): string => `/admin/plugins/${encodeURIComponent(id)}/grants`

export const grantsQuery = (id: string) =>
  queryOptions({ queryKey: [...PLUGINS_KEY, id, 'grants'], queryFn: ({ signal }) => grantsOf(id, signal) })

async function grantsOf(id: string, signal?: AbortSignal): Promise<Grants> {
  const asking = signal === undefined ? {} : { signal }
  const [{ capabilities }, { grants }] = await Promise.all([
    ask<{ capabilities: string[] }>(pathOf(id), asking),
    ask<{ grants: Record<string, string[]> }>('/workspace', asking),
  ])
  const workspace = Object.hasOwn(grants, id) ? grants[id] : undefined
  return { host: capabilities, ...(workspace === undefined ? {} : { workspace }) }
}

/** Gives a capability, or takes one back. The host takes whole lists, so the one of now is read first. */
export function useChangeGrants(id: string): UseMutationResult<unknown, Error, GrantChange> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async ({ capability, place, isGiven }: GrantChange) => {
      const others = ((await grantsOf(id))[place] ?? []).filter((one) => one !== capability)
      const capabilities = isGiven ? [...others, capability] : others
      if (place === 'host') return ask(pathOf(id), { method: 'PUT', body: { capabilities } })
      return ask('/workspace/grants', { method: 'PUT', body: { grants: { [id]: capabilities } } })
    },
    onSettled: () => client.invalidateQueries({ queryKey: PLUGINS_KEY }),
  })
}
