import type { ExtensionSource } from './extension.ts'
import type { AnnotationKey, ViewContributionKey } from './inputs.ts'
import { readExtension, type ExtensionReading } from './load-extension.ts'
import { annotationKeys, viewContributionKeys } from './catalogues.ts'
import type {
  LoadedAction,
  LoadedExtension,
  LoadedExtractor,
  LoadedFormatter,
  LoadedHook,
  LoadedProvider,
  LoadedRule,
  LoadFault,
} from './loaded-extension.ts'
import type { ExtensionKind } from './manifest-schema.ts'

export type Registry = {
  /** In the order in which a file is offered to them. */
  providers: LoadedProvider[]
  extractors: LoadedExtractor[]
  rules: LoadedRule[]
  actions: LoadedAction[]
  formatters: LoadedFormatter[]
  hooks: LoadedHook[]
  annotationKeys: AnnotationKey[]
  viewContributions: ViewContributionKey[]
  faults: LoadFault[]
}

/** What a scan leaves out: ids of plugins, qualified ids where each extension is switched, and whole kinds. */
export type Disabled = { keys: readonly string[]; kinds: readonly ExtensionKind[] }

/** Takes the files that nobody claims, so it is asked after everyone else. */
const LAST_PROVIDER = 'core/markdown'

/**
 * Loads extensions, ours and foreign alike. A plugin with one bad extension stays out as a whole. `chosen` are the only
 * Providers, in their order, by id or qualified id; every one where it is empty. Throws SCAN_FAILED where two enabled
 * plugins claim one root key of sidecars.
 */
export function openRegistry(
  sources: readonly ExtensionSource[],
  disabled: Disabled,
  chosen: readonly string[] = [],
): Registry {
  const { extensions, faults } = readExtensions(sources)
  const enabled = extensions.filter((extension) => isEnabled(extension, disabled))
  return {
    providers: inOrder(
      enabled.filter((extension) => extension.kind === 'provider'),
      chosen,
    ),
    extractors: enabled.filter((extension) => extension.kind === 'extractor'),
    rules: enabled.filter((extension) => extension.kind === 'rule'),
    actions: enabled.filter((extension) => extension.kind === 'action'),
    formatters: enabled.filter((extension) => extension.kind === 'formatter'),
    hooks: enabled.filter((extension) => extension.kind === 'hook'),
    annotationKeys: annotationKeys(enabled),
    viewContributions: viewContributionKeys(enabled),
    faults,
  }
}

function inOrder(providers: LoadedProvider[], chosen: readonly string[]): LoadedProvider[] {
  if (chosen.length === 0)
    return providers.toSorted((a, b) => Number(a.key === LAST_PROVIDER) - Number(b.key === LAST_PROVIDER))
  const named = chosen.flatMap((id) => providers.filter(({ key, manifest }) => key === id || manifest.id === id))
  return [...new Set(named)]
}

/** Every extension of the plugins that have no fault, and the faults of the others. */
export function readExtensions(sources: readonly ExtensionSource[]): {
  extensions: LoadedExtension[]
  faults: LoadFault[]
} {
  const readings = sources.map(readExtension)
  const faults = [...readings.flatMap(({ fault }) => fault ?? []), ...duplicateFaults(readings)]
  const bad = new Set(faults.map(({ pluginId }) => pluginId))
  const extensions = readings.flatMap(({ loaded }) => loaded ?? []).filter(({ plugin }) => !bad.has(plugin.id))
  return { extensions, faults }
}

function duplicateFaults(readings: readonly ExtensionReading[]): LoadFault[] {
  const loaded = readings.flatMap((reading) => reading.loaded ?? [])
  const byKey = Map.groupBy(loaded, ({ kind, key }) => `${kind} ${key}`)
  return [...byKey.values()].flatMap(([first, ...others]) =>
    first === undefined || others.length === 0
      ? []
      : [
          {
            pluginId: first.plugin.id,
            status: 'invalid-manifest',
            reason: `two extensions are the ${first.kind} ${first.key}`,
          },
        ],
  )
}

function isEnabled({ kind, key, plugin }: LoadedExtension, disabled: Disabled): boolean {
  if (disabled.kinds.includes(kind)) return false
  return !disabled.keys.includes(plugin.granularity === 'bundle' ? plugin.id : key)
}
