import { extname } from 'node:path'
import type { JsonObject } from '@tenon/contract'
import { answersOf } from './answers.ts'
import type { Collector } from './collector.ts'
import type { Tell } from './events.ts'
import type { LoadedProvider } from './loaded-extension.ts'

const READ_BY_DEFAULT = ['.md']

export const extensionsOf = ({ manifest }: LoadedProvider): readonly string[] =>
  manifest.read?.extensions ?? READ_BY_DEFAULT

/** What of a file Providers are shown. */
export type Claimable = { path: string; frontmatter: JsonObject }

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
    const readable = new Set(extensionsOf(provider))
    const offered = files.filter((file) => !claims.has(file) && readable.has(extname(file.path).toLowerCase()))
    if (offered.length === 0) continue
    for (const claim of await askProvider(provider, offered, told)) claims.set(claim.file, claim)
  }
  return files.flatMap((file) => claims.get(file) ?? [])
}

type Told = { collector: Collector; tell: Tell }

async function askProvider<File extends Claimable>(
  provider: LoadedProvider,
  files: readonly File[],
  { collector, tell }: Told,
): Promise<Claim<File>[]> {
  const inputs = files.map(({ path, frontmatter }) => ({ path, frontmatter }))
  const { answers, lost } = await answersOf(files.length, () => provider.run(inputs))
  if (lost !== undefined) collector.lost(provider, lost)
  if (answers === undefined) return []
  return files.flatMap((file, index) => {
    const { value: kind, failure } = answers[index] ?? { value: null }
    const report = (errorKind: 'threw' | 'invalid-output', message: string) =>
      tell('extension.error', { extensionId: provider.key, kind: errorKind, message, nodePath: file.path })
    if (failure !== undefined) report('threw', failure)
    else if (typeof kind === 'string' && Object.hasOwn(provider.manifest.kinds, kind)) return [{ file, provider, kind }]
    else if (kind !== null) report('invalid-output', `${JSON.stringify(kind)} is none of its kinds`)
    return []
  })
}
