import { hash } from 'node:crypto'
import { SPEC_VERSION } from '../versions.ts'
import type { MapPlugin } from './extension.ts'
import type { LoadedExtractor, LoadedProvider } from './loaded-extension.ts'
import type { Registry } from './registry.ts'
import type { SettingsByPlugin } from './settings.ts'

/** The name under which the fingerprint of the options stands. */
export const OPTIONS = 'options'

/** To be raised when this kernel finds other things in the same file. */
const KERNEL_REVISION = 2

/** Digests of all that decides what is found in a file, by the key of the extension, or `OPTIONS`. */
export function fingerprints(
  { providers, extractors }: Registry,
  settings: SettingsByPlugin,
  options: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const of = ({ key, plugin, manifest }: LoadedProvider | LoadedExtractor): [string, string] => [
    key,
    digestOf([manifest, plugin.version, plugin.digest ?? null, openSettings(plugin, settings)]),
  ]
  return {
    [OPTIONS]: digestOf([KERNEL_REVISION, SPEC_VERSION, options]),
    ...Object.fromEntries([...providers, ...extractors].map(of)),
  }
}

/** A digest of a secret would let it be guessed: who changes one scans everything anew. */
function openSettings({ id, settings: declared = {} }: MapPlugin, settings: SettingsByPlugin): object {
  const values = Object.entries(settings.get(id) ?? {})
  return Object.fromEntries(values.filter(([name]) => declared[name]?.type !== 'secret'))
}

const digestOf = (value: unknown): string => hash('sha256', JSON.stringify(value), 'base64url')
