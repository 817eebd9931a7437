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

export function readFile(file: FoundFile, maxBytes: number): ReadFile | SkippedFile {
  const { path } = file
  const { text, skipped } = readText(file.absolute, maxBytes)
  if (skipped !== undefined) return { path, skipped }
  const parsed = parseFile(text)
  const sidecar = sidecarOf(file.sidecar, parsed)
  return { path, file, frontmatter: parsed.frontMatter.value, parsed, sidecar }
}

function sidecarOf(path: string | undefined, parsed: ParsedFile): SidecarReading {
  if (path === undefined) return { state: NO_SIDECAR, faults: [] }
  const { text, skipped } = readText(path, limits.mapFileBytes)
  if (skipped !== undefined) return unusable([`the sidecar is ${skipped}`])
  return readSidecar(text, { bodyHash: parsed.bodyHash, frontmatterHash: parsed.frontMatter.hash })
}
