import type { ExtensionSource } from './kernel/extension.ts'
import type { AnnotationKey } from './kernel/inputs.ts'
import { openRegistry, type Disabled } from './kernel/registry.ts'

type Catalogue = { extensions: readonly ExtensionSource[]; options?: { disabled?: Partial<Disabled> } }

/** Every key that plugins bring to sidecars, but for those that are off. Throws SCAN_FAILED where two claim one root key. */
export const annotationCatalogue = ({ extensions, options = {} }: Catalogue): AnnotationKey[] =>
  openRegistry(extensions, { keys: [], kinds: [], ...options.disabled }).annotationKeys
