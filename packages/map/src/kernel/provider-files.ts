import { extname } from 'node:path'
import type { Parser } from '../text/front-matter.ts'
import type { LoadedProvider } from './loaded-extension.ts'

const READ_BY_DEFAULT = ['.md']

/** Whether a Provider finds and reads its files itself. */
export const walks = ({ walk }: LoadedProvider): boolean => walk !== undefined

const extensionsOf = (provider: LoadedProvider): readonly string[] =>
  walks(provider) ? [] : (provider.manifest.read?.extensions ?? READ_BY_DEFAULT)

/** The extensions of files that are read for these Providers, with their dot. */
export const extensionsReadBy = (providers: readonly LoadedProvider[]): Set<string> =>
  new Set(providers.flatMap(extensionsOf))

/** Whether a file of this path is read for a Provider. */
export const isReadFor = (provider: LoadedProvider, path: string): boolean =>
  extensionsOf(provider).includes(extname(path).toLowerCase())

/** Whether a file of this path is read for any of these Providers. */
export function readByAny(providers: readonly LoadedProvider[]): (path: string) => boolean {
  const extensions = extensionsReadBy(providers)
  return (path) => extensions.has(extname(path).toLowerCase())
}

export const parserOf = ({ manifest }: LoadedProvider): Parser => manifest.read?.parser ?? 'frontmatter-yaml'
