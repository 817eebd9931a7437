import { answersOf } from './answers.ts'
import type { Collector } from './collector.ts'
import type { Tell } from './events.ts'
import type { LoadedProvider } from './loaded-extension.ts'
import type { ReadFile } from './read-files.ts'

/** A file with the Provider that took it and the kind it gave. */
export type Claim = {
  file: ReadFile
  provider: LoadedProvider
  kind: string
  /** Whether every Provider that was asked before gave an answer, so that none would have it the next time. */
  isSure: boolean
}

/** Offers every file to the Providers in order; the first that names a kind has it. The claims keep the files' order. */
export async function claimFiles(
  providers: readonly LoadedProvider[],
  files: readonly ReadFile[],
  told: Told,
): Promise<Claim[]> {
  const claims = new Map<ReadFile, Claim>()
  const unsure = new Set<ReadFile>()
  for (const provider of providers) {
    const free = files.filter((file) => !claims.has(file))
    for (const { file, kind } of await askProvider(provider, free, told)) {
      if (kind === undefined) unsure.add(file)
      else claims.set(file, { file, provider, kind, isSure: !unsure.has(file) })
    }
  }
  return files.flatMap((file) => claims.get(file) ?? [])
}

type Told = { collector: Collector; tell: Tell }

/** The kinds that a Provider gives, undefined for files of which it says nothing that holds. */
async function askProvider(
  provider: LoadedProvider,
  free: readonly ReadFile[],
  { collector, tell }: Told,
): Promise<{ file: ReadFile; kind: string | undefined }[]> {
  const offers = free.flatMap((file) => {
    const frontmatter = file.frontmatterFor(provider)
    return frontmatter === undefined ? [] : { file, input: { path: file.path, frontmatter } }
  })
  if (offers.length === 0) return []
  const inputs = offers.map(({ input }) => input)
  const { answers, lost } = await answersOf(inputs.length, () => provider.run(inputs))
  if (lost !== undefined) collector.lost(provider, lost)
  return offers.flatMap(({ file }, index) => {
    const { value: kind, failure } = answers?.[index] ?? { value: undefined }
    const report = (errorKind: 'threw' | 'invalid-output', message: string) =>
      tell('extension.error', { extensionId: provider.key, kind: errorKind, message, nodePath: file.path })
    if (kind === null) return []
    if (typeof kind === 'string' && Object.hasOwn(provider.manifest.kinds, kind)) return { file, kind }
    if (failure !== undefined) report('threw', failure)
    else if (lost === undefined) report('invalid-output', `${JSON.stringify(kind)} is none of its kinds`)
    return { file, kind: undefined }
  })
}
