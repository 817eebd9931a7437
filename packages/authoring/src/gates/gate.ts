import type { PluginSpec, Problem } from '@tenon/contract'
import type { Release } from '../contract/releases.ts'
import type { PluginFolder } from '../folder/plugin-folder.ts'
import type { Policies } from '../policy/policies.ts'

/** What every gate looks at: a plugin whose spec is valid, what of it was released, its policies, and when: ms since the epoch. */
export type Subject = {
  spec: PluginSpec
  folder: PluginFolder
  releases: readonly Release[]
  policies: Policies
  at: number
}

/**
 * What a gate looked at, by number, and what it found. A gate that looked at nothing fails, unless it says in `idle` why
 * there is nothing for it in such a plugin.
 */
export type Checked = { checked: number; problems: Problem[]; idle?: string }

export type Gate = { gate: string; run: (subject: Subject) => Checked }

/** What a gate has to say, when it may be that a plugin has none of what it looks at. */
export const unlessNone = (idle: string, checked: Checked): Checked =>
  checked.checked === 0 && checked.problems.length === 0 ? { ...checked, idle } : checked
