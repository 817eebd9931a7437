import type { PluginSpec, Problem } from '@tenon/contract'
import type { PluginFolder } from './plugin-folder.ts'
import type { PolicyPack } from './policy-pack.ts'

/** What every gate looks at: a plugin whose spec is valid, and the packs that govern it. */
export type Subject = { spec: PluginSpec; folder: PluginFolder; packs: readonly PolicyPack[] }

/** What a gate looked at, by number, and what it found. */
export type Checked = { checked: number; problems: Problem[] }

export type Gate = { gate: string; run: (subject: Subject) => Checked }
