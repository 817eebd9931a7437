import { TenonError, type JsonObject } from '@tenon/contract'
import type { AnnotationKey, ViewContributionKey } from './inputs.ts'
import type { LoadedExtension } from './loaded-extension.ts'

/** Every key that the enabled plugins bring to sidecars. Throws SCAN_FAILED where two claim one root key. */
export function annotationKeys(extensions: readonly LoadedExtension[]): AnnotationKey[] {
  const keys = extensions.flatMap(({ plugin, manifest: { annotationContributions = {} } }) =>
    Object.entries(annotationContributions).map(([key, { schema, location = 'namespaced', ownership = 'shared' }]) => ({
      ...{ pluginId: plugin.id, key, location, ownership },
      schema: schema as JsonObject,
    })),
  )
  refuseSharedRoots(keys)
  return keys
}

function refuseSharedRoots(keys: readonly AnnotationKey[]): void {
  const atRoot = Map.groupBy(
    keys.filter(({ location }) => location === 'root'),
    ({ key }) => key,
  )
  for (const [key, claims] of atRoot) {
    const plugins = [...new Set(claims.map(({ pluginId }) => pluginId))]
    if (plugins.length < 2) continue
    throw new TenonError('SCAN_FAILED', `${plugins.join(' and ')} each claim the root key "${key}" of sidecars`, {
      hint: 'Disable all of these plugins but one.',
      details: { key, plugins },
    })
  }
}

export const viewContributionKeys = (extensions: readonly LoadedExtension[]): ViewContributionKey[] =>
  extensions.flatMap(({ plugin, manifest }) =>
    Object.entries(manifest.viewContributions ?? {}).map(([contributionId, { emitWhenEmpty = false, ...shown }]) => ({
      ...{ pluginId: plugin.id, extensionId: manifest.id, contributionId, emitWhenEmpty },
      ...shown,
    })),
  )
