import { hash } from 'node:crypto'
import { SPEC_VERSION } from '../versions.ts'
import type { MapPlugin } from './extension.ts'
import type { LoadedExtractor, LoadedProvider, LoadedRule } from './loaded-extension.ts'
import type { Registry } from './registry.ts'
import type { SettingsByPlugin } from './settings.ts'

/** The name under which the fingerprint of the options stands. */
export const OPTIONS = 'options'

/** To be raised when this kernel, or what comes with it, finds other things in the same file or graph. */
const KERNEL_REVISION = 2

/** The name under which the fingerprint of what extensions bring to sidecars and to user interfaces stands. */
const CATALOGUE = 'catalogue'

/** The name under which the fingerprint of a rule stands: an extractor may have the same key. */
const ruleName = (key: string): string => `rule ${key}`

/** Digests of all that decides what is found in files and in the graph, by the key of the extension, or `OPTIONS`. */
export function fingerprints(
  { providers, extractors, rules, annotationKeys, viewContributions }: Registry,
  settings: SettingsByPlugin,
  options: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const of = ({ plugin, manifest }: LoadedProvider | LoadedExtractor | LoadedRule): string =>
    digestOf([manifest, plugin.version, plugin.digest ?? null, openSettings(plugin, settings)])
  return {
    [OPTIONS]: digestOf([KERNEL_REVISION, SPEC_VERSION, options]),
    [CATALOGUE]: digestOf([annotationKeys, viewContributions]),
    ...Object.fromEntries([...providers, ...extractors].map((one) => [one.key, of(one)])),
    ...Object.fromEntries(rules.map((rule) => [ruleName(rule.key), of(rule)])),
  }
}

/** A digest of a secret would let it be guessed: who changes one scans everything anew. */
function openSettings({ id, settings: declared = {} }: MapPlugin, settings: SettingsByPlugin): object | null {
  const known = settings.get(id)
  // By settings that are not as they should be it takes no part.
  if (known === undefined) return null
  const values = Object.entries(known)
  return Object.fromEntries(values.filter(([name]) => declared[name]?.type !== 'secret'))
}

const digestOf = (value: unknown): string => hash('sha256', JSON.stringify(value), 'base64url')
