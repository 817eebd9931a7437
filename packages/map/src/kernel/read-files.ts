import { limits, type JsonObject } from '@tenon/contract'
import type { FoundFile } from '../files/walk.ts'
import { readText, type SkipReason } from '../files/read-text.ts'
import { NO_SIDECAR, readSidecar, unusable, type SidecarReading } from '../files/sidecar.ts'
import { parseFile, type ParsedFile } from '../text/front-matter.ts'

/** A file as read: cut, parsed and hashed, with what its sidecar says. */
export type ReadFile = {
  path: string
  file: FoundFile
  frontmatter: JsonObject
  parsed: ParsedFile
  sidecar: SidecarReading
  skipped?: never
}

export type SkippedFile = { path: string; skipped: SkipReason }

export const readFiles = (found: readonly FoundFile[], maxBytes: number): Promise<(ReadFile | SkippedFile)[]> =>
  Promise.all(found.map((file) => readFile(file, maxBytes)))

async function readFile(file: FoundFile, maxBytes: number): Promise<ReadFile | SkippedFile> {
  const { path } = file
  const { text, skipped } = await readText(file.absolute, maxBytes)
  if (skipped !== undefined) return { path, skipped }
  const parsed = parseFile(text)
  const sidecar = await sidecarOf(file.sidecar, parsed)
  return { path, file, frontmatter: parsed.frontMatter.value, parsed, sidecar }
}

async function sidecarOf(path: string | undefined, parsed: ParsedFile): Promise<SidecarReading> {
  if (path === undefined) return { state: NO_SIDECAR, faults: [] }
  const { text, skipped } = await readText(path, limits.mapFileBytes)
  if (skipped !== undefined) return unusable([`the sidecar is ${skipped}`])
  return readSidecar(text, { bodyHash: parsed.bodyHash, frontmatterHash: parsed.frontMatter.hash })
}
