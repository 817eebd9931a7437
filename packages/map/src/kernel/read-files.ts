import { limits, type JsonObject } from '@tenon/contract'
import type { FoundFile } from '../files/listing.ts'
import { readText, type FileText, type SkipReason } from '../files/read-text.ts'
import { NO_SIDECAR, readSidecar, unusable, type SidecarReading } from '../files/sidecar.ts'
import { parseBy, type ParsedFile, type Parser } from '../text/front-matter.ts'
import { isReadFor, parserOf, readByAny } from './provider-files.ts'
import type { LoadedProvider } from './loaded-extension.ts'
import type { WalkedFiles } from './walked-files.ts'

/** A file as read: cut, parsed and hashed as each Provider wants it, with what its sidecar says. */
export class ReadFile {
  readonly path: string
  readonly file: FoundFile
  readonly #text: string | undefined
  readonly #sidecar: FileText | undefined
  readonly #walked: WalkedFiles
  readonly #parsed = new Map<Parser, ParsedFile>()

  constructor(
    file: FoundFile,
    texts: { text: string | undefined; sidecar: FileText | undefined },
    walked: WalkedFiles,
  ) {
    this.path = file.path
    this.file = file
    this.#text = texts.text
    this.#sidecar = texts.sidecar
    this.#walked = walked
  }

  frontmatterFor(provider: LoadedProvider): JsonObject | undefined {
    return this.parsedFor(provider)?.frontMatter.value
  }

  /** Undefined for a Provider that sees nothing of the file. */
  parsedFor(provider: LoadedProvider): ParsedFile | undefined {
    if (provider.walk !== undefined) return this.#walked.get(provider)?.get(this.path)
    if (this.#text === undefined || !isReadFor(provider, this.path)) return undefined
    const parser = parserOf(provider)
    const parsed = this.#parsed.get(parser) ?? parseBy[parser](this.#text)
    this.#parsed.set(parser, parsed)
    return parsed
  }

  /** Its front matter and its body, as texts. */
  textsFor(provider: LoadedProvider): [frontMatter: string, body: string] {
    const { frontMatter, body = '' } = this.parsedFor(provider) ?? {}
    return [frontMatter?.raw ?? '', body]
  }

  /** What its sidecar says of it, read like this. */
  sidecarOf({ bodyHash, frontMatter }: ParsedFile): SidecarReading {
    if (this.#sidecar === undefined) return { state: NO_SIDECAR, faults: [] }
    const { text, skipped } = this.#sidecar
    if (skipped !== undefined) return unusable([`the sidecar is ${skipped}`])
    return readSidecar(text, { bodyHash, frontmatterHash: frontMatter.hash })
  }
}

type Reading = { maxBytes: number; walked: WalkedFiles; onSkipped: (path: string, reason: SkipReason) => void }

/** Reads files that any of these Providers is shown. What cannot be read is told. */
export function readFiles(
  found: readonly FoundFile[],
  providers: readonly LoadedProvider[],
  reading: Reading,
): ReadFile[] {
  const isRead = readByAny(providers)
  return found.flatMap((file) => readFile(file, isRead(file.path), reading) ?? [])
}

function readFile(file: FoundFile, isRead: boolean, reading: Reading): ReadFile | undefined {
  const { maxBytes, walked, onSkipped } = reading
  const { text, skipped } = isRead ? readText(file.absolute, maxBytes) : {}
  if (skipped !== undefined) onSkipped(file.path, skipped)
  if (text === undefined && !isWalked(walked, file.path)) return undefined
  const sidecar = file.sidecar === undefined ? undefined : readText(file.sidecar, limits.mapFileBytes)
  return new ReadFile(file, { text, sidecar }, walked)
}

export function isWalked(walked: WalkedFiles, path: string): boolean {
  for (const files of walked.values()) if (files.has(path)) return true
  return false
}
