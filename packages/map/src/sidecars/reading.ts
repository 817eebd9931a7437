import type { ExtensionSource } from '../kernel/extension.ts'
import { isReadFor, parserOf, walks } from '../kernel/provider-files.ts'
import { openRegistry } from '../kernel/registry.ts'
import type { Node } from '../graph-schema.ts'
import type { Parser } from '../text/front-matter.ts'

/** How the file of a node is read: by a parser, or by its Provider itself, as only a scan can have it done. */
export type Reading = Parser | 'walk'

/** How these extensions have the file of a node read; undefined where they have no such Provider. */
export function readingsOf(extensions: readonly ExtensionSource[]): (node: Node) => Reading | undefined {
  const { providers } = openRegistry(extensions, { keys: [], kinds: [] })
  return ({ path, kind, provider: id }) => {
    const claimant = providers.find(
      (provider) =>
        provider.manifest.id === id &&
        Object.hasOwn(provider.manifest.kinds, kind) &&
        (walks(provider) || isReadFor(provider, path)),
    )
    return claimant && (walks(claimant) ? 'walk' : parserOf(claimant))
  }
}
