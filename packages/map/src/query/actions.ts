import { TenonError } from '@tenon/contract'
import type { ExtensionSource } from '../kernel/extension.ts'
import type { ActionManifest } from '../kernel/manifest-schema.ts'
import { openRegistry, type Disabled } from '../kernel/registry.ts'

/** What an action declares, with its qualified id. */
export type ListedAction = Omit<ActionManifest, 'kind'>

type Actions = { extensions: readonly ExtensionSource[]; options?: { disabled?: Partial<Disabled> } }

export const listActions = ({ extensions, options = {} }: Actions): ListedAction[] =>
  openRegistry(extensions, { keys: [], kinds: [], ...options.disabled }).actions.map(
    ({ key, manifest: { kind: _, ...declared } }) => ({
      ...declared,
      id: key,
    }),
  )

/** The action with this id, the short one where it is nobody else's. Throws ACTION_UNKNOWN. */
export function showAction(among: Actions, id: string): ListedAction {
  const actions = listActions(among)
  const [action, other] = actions.filter((one) => one.id === id || one.id.endsWith(`/${id}`))
  if (action !== undefined && other === undefined) return action
  throw new TenonError('ACTION_UNKNOWN', `there is no one action "${id}"`, {
    hint: `There are: ${actions.map((one) => one.id).join(', ') || 'none'}.`,
  })
}
