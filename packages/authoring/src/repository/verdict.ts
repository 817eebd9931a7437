import type { PluginSpec, Problem } from '@tenon/contract'
import type { Entries } from './entries.ts'

/** What other plugins of a repository have to do with one. */
export type Facts = { version: string; uids: string[]; dependencies: Record<string, string> }

/**
 * What was found in a plugin. `content` is the digest of all that it was found in, `released` what the tags of its releases
 * name; `checked` counts what each gate looked at.
 */
export type Verdict = {
  entries: Entries
  content: string
  released: string
  checked: Record<string, number>
  problems: Problem[]
  facts: Facts | undefined
}

export const factsOf = ({ version, uid, operations = [], dependencies = {} }: PluginSpec): Facts => ({
  version,
  uids: [uid, ...operations.map((operation) => operation.uid)].filter((one) => one !== undefined),
  dependencies,
})
