import { TEMPLATE } from '@tenon/authoring'
import { digestJson } from '@tenon/bundle'
import { isObject, ownValue, readJson, type Digest, type Json } from '@tenon/contract'
import type { InstalledPlugin } from '@tenon/host'
import { version } from '../version.ts'

/** What runs plugins here, as every run's snapshot says it. */
export const toolchain: Readonly<Record<string, string>> = {
  tenon: version,
  template: TEMPLATE,
  node: process.versions.node,
  platform: `${process.platform}-${process.arch}`,
}

type RunPolicy = { policySnapshot: Digest | null; retentionDays: number | null }

/** What the policy that a plugin was made under says of its runs, by its `policy_snapshot.json`. */
export function runPolicy(text: string | undefined): RunPolicy {
  const { value, problems } = readJson(text ?? '')
  if (value === undefined || problems.length > 0) return { policySnapshot: null, retentionDays: null }
  const days = at(value, 'values', 'runs.retentionDays', 'value')
  return { policySnapshot: digestJson(value), retentionDays: typeof days === 'number' ? days : null }
}

export function installedPolicy(plugin: InstalledPlugin | undefined): RunPolicy {
  const bytes = plugin?.file('policy_snapshot.json')
  return runPolicy(bytes && Buffer.from(bytes).toString('utf8'))
}

const at = (value: Json | undefined, ...keys: readonly string[]): Json | undefined =>
  keys.reduce((inner, key) => (isObject(inner) ? ownValue(inner, key) : undefined), value)
