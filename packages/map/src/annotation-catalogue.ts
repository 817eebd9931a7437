import type { ExtensionSource } from './kernel/extension.ts'
import type { AnnotationKey } from './kernel/inputs.ts'
import { openRegistry } from './kernel/registry.ts'

/** Every key that these plugins bring to sidecars. Throws SCAN_FAILED where two claim one root key. */
export const annotationCatalogue = (extensions: readonly ExtensionSource[]): AnnotationKey[] =>
  openRegistry(extensions, { keys: [], kinds: [] }).annotationKeys
