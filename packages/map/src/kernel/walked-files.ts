import Type, { type Static } from 'typebox'
import { limits } from '@tenon/contract'
import { validatorOf } from '@tenon/contract/schema'
import type { Found } from '../files/walk.ts'
import { cutFile, type ParsedFile } from '../text/front-matter.ts'
import { boundedMapping } from '../text/yaml.ts'
import type { Collector } from './collector.ts'
import type { Tell } from './events.ts'
import { messageOf } from './in-process.ts'
import type { LoadedProvider } from './loaded-extension.ts'
import { walks } from './provider-files.ts'

const recordSchema = Type.Object(
  {
    path: Type.String(),
    body: Type.String(),
    frontmatterRaw: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    frontmatter: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { additionalProperties: true },
)

type WalkedRecord = Static<typeof recordSchema>

const records = validatorOf(recordSchema)

/** The files that Providers found and read themselves, by path, of each Provider that does so. */
export type WalkedFiles = ReadonlyMap<LoadedProvider, ReadonlyMap<string, ParsedFile>>

type Told = { collector: Collector; tell: Tell; maxFileBytes: number }

/** Lets Providers go through a root of which this was found. One that comes to no end loses all that it yielded. */
export async function walkedFiles(
  root: string,
  found: Pick<Found, 'files' | 'folders'>,
  providers: readonly LoadedProvider[],
  told: Told,
): Promise<WalkedFiles> {
  const walked = new Map<LoadedProvider, ReadonlyMap<string, ParsedFile>>()
  if (!providers.some(walks)) return walked
  const kept = [...found.folders, ...found.files.map(({ path }) => path)]
  for (const provider of providers) {
    if (provider.walk === undefined) continue
    const walk = new Walk(provider, new Set(found.files.map(({ path }) => path)), told)
    try {
      for await (const part of provider.walk({ root, kept })) walk.take(part)
      walked.set(provider, walk.files)
    } catch (thrown) {
      told.collector.lost(provider, messageOf(thrown))
    }
  }
  return walked
}

/** What one Provider yields in one root. */
class Walk {
  readonly files = new Map<string, ParsedFile>()
  #count = 0
  #chars = 0
  readonly #provider: LoadedProvider
  readonly #paths: ReadonlySet<string>
  readonly #told: Told

  constructor(provider: LoadedProvider, paths: ReadonlySet<string>, told: Told) {
    this.#provider = provider
    this.#paths = paths
    this.#told = told
  }

  /** Throws where the whole is too much. */
  take(part: unknown): void {
    if (!Array.isArray(part)) throw new Error('yielded no records')
    this.#count += part.length
    if (this.#count > this.#paths.size) throw new Error('yielded more files than there are')
    for (const record of part) {
      const fault = records.is(record) ? this.#taken(record) : printed(record)
      const where = this.#provider.key
      if (fault !== undefined)
        this.#told.tell('extension.error', { extensionId: where, kind: 'invalid-output', message: fault })
    }
  }

  /** Why a record is not taken. */
  #taken({ path, body, frontmatterRaw, frontmatter = {} }: WalkedRecord): string | undefined {
    const raw = frontmatterRaw || undefined
    if (!this.#paths.has(path)) return `${JSON.stringify(path)} is no file in the root that may be looked at`
    if (this.files.has(path)) return `${JSON.stringify(path)} was yielded before`
    const { value, fault } = boundedMapping(frontmatter)
    if (fault !== undefined) return `the front matter of ${JSON.stringify(path)}: ${fault}`
    if (Buffer.byteLength(body) + Buffer.byteLength(raw ?? '') > this.#told.maxFileBytes) {
      this.#told.tell('scan.skipped', { path, reason: 'too-large' })
      return undefined
    }
    this.#chars += body.length + (raw ?? '').length
    if (this.#chars > limits.mapAnswerChars) throw new Error(`yielded more than ${limits.mapAnswerChars} characters`)
    this.files.set(path, cutFile({ raw, body }, value))
    return undefined
  }
}

const printed = (record: unknown): string =>
  records
    .problems(record)
    .map(({ pointer, message }) => `${pointer}: ${message}`)
    .join('; ')
