import { extname } from 'node:path'
import type { JsonObject } from '@tenon/contract'
import type { Parser } from '../text/front-matter.ts'
import { answersOf } from './answers.ts'
import type { Collector } from './collector.ts'
import type { Tell } from './events.ts'
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

export const isReadByAny = (providers: readonly LoadedProvider[], path: string): boolean =>
  providers.some((provider) => isReadFor(provider, path))

export const parserOf = ({ manifest }: LoadedProvider): Parser => manifest.read?.parser ?? 'frontmatter-yaml'

/** A file that is offered to Providers: each sees the front matter of its own reading, or nothing of the file. */
export type Claimable = { path: string; frontmatterFor(provider: LoadedProvider): JsonObject | undefined }

/** A file with the Provider that took it and the kind it gave. */
export type Claim<File extends Claimable> = { file: File; provider: LoadedProvider; kind: string }

/** Offers every file to the Providers in order; the first that names a kind has it. The claims keep the files' order. */
export async function claimFiles<File extends Claimable>(
  providers: readonly LoadedProvider[],
  files: readonly File[],
  told: Told,
): Promise<Claim<File>[]> {
  const claims = new Map<File, Claim<File>>()
  for (const provider of providers) {
    const free = files.filter((file) => !claims.has(file))
    for (const claim of await askProvider(provider, free, told)) claims.set(claim.file, claim)
  }
  return files.flatMap((file) => claims.get(file) ?? [])
}

type Told = { collector: Collector; tell: Tell }

async function askProvider<File extends Claimable>(
  provider: LoadedProvider,
  free: readonly File[],
  { collector, tell }: Told,
): Promise<Claim<File>[]> {
  const offers = free.flatMap((file) => {
    const frontmatter = file.frontmatterFor(provider)
    return frontmatter === undefined ? [] : { file, input: { path: file.path, frontmatter } }
  })
  if (offers.length === 0) return []
  const inputs = offers.map(({ input }) => input)
  const { answers, lost } = await answersOf(inputs.length, () => provider.run(inputs))
  if (lost !== undefined) collector.lost(provider, lost)
  if (answers === undefined) return []
  return offers.flatMap(({ file }, index) => {
    const { value: kind, failure } = answers[index] ?? { value: null }
    const report = (errorKind: 'threw' | 'invalid-output', message: string) =>
      tell('extension.error', { extensionId: provider.key, kind: errorKind, message, nodePath: file.path })
    if (failure !== undefined) report('threw', failure)
    else if (typeof kind === 'string' && Object.hasOwn(provider.manifest.kinds, kind)) return [{ file, provider, kind }]
    else if (kind !== null) report('invalid-output', `${JSON.stringify(kind)} is none of its kinds`)
    return []
  })
}
