import { hash } from 'node:crypto'
import type { JsonObject } from '@tenon/contract'
import { canonicalYaml } from './canonical-yaml.ts'
import { jsonOf, readYamlMapping } from './yaml.ts'

export type MalformedHint = 'byte-order-mark' | 'paste-with-indent' | 'missing-close'

/** A file cut at its fences. `raw` is the text between them, undefined when there is no front matter. */
export type SplitText = { raw: string | undefined; body: string; hint?: MalformedHint }

/** The front matter is what stands between a first line `---` and the next line `---`; lines end with LF or CRLF. */
function splitFrontMatter(text: string): SplitText {
  const start = fenceEnd(text, 0)
  if (start === undefined) return withoutFrontMatter(text)
  for (let line = start; line < text.length; line = nextLine(text, line)) {
    const end = fenceEnd(text, line)
    if (end !== undefined) return { raw: withoutLineEnd(text.slice(start, line)), body: text.slice(end) }
  }
  return withoutFrontMatter(text)
}

/** Where the line after a `---` at `from` begins, or undefined when that line is something else. */
function fenceEnd(text: string, from: number): number | undefined {
  if (!text.startsWith('---', from)) return undefined
  if (text.length === from + 3) return from === 0 ? undefined : from + 3
  if (text[from + 3] === '\n') return from + 4
  return text.startsWith('\r\n', from + 3) ? from + 5 : undefined
}

function nextLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end + 1
}

const withoutLineEnd = (text: string): string => text.replace(/\r?\n$/, '')

const withoutFrontMatter = (text: string): SplitText => {
  const hint = malformedHint(text)
  return { raw: undefined, body: text, ...(hint === undefined ? {} : { hint }) }
}

/** What kept something that is meant as front matter from being it. */
function malformedHint(text: string): MalformedHint | undefined {
  const key = /^(\ufeff)?([ \t]*)---[ \t]*\r?\n\s*[A-Za-z_][\w-]*[ \t]*:/.exec(text)
  if (key === null) return undefined
  if (key[1] !== undefined) return 'byte-order-mark'
  return key[2] === '' ? 'missing-close' : 'paste-with-indent'
}

export type FrontMatter = {
  raw: string | undefined
  /** What the author wrote, as JSON; empty when there is none or it is no YAML mapping. */
  value: JsonObject
  hash: string
  hint?: MalformedHint
}

export type ParsedFile = { frontMatter: FrontMatter; body: string; bodyHash: string }

/** Cuts a file and hashes its parts as the specification says. */
function parseFile(text: string): ParsedFile {
  const split = splitFrontMatter(text)
  return cutFile(split, split.raw === undefined ? {} : (readYamlMapping(split.raw).value ?? {}))
}

/** A file that is a body and nothing else. */
function plainFile(text: string): ParsedFile {
  return cutFile({ raw: undefined, body: text }, {})
}

/** How the text of a file becomes front matter and body. */
export const PARSERS = ['frontmatter-yaml', 'plain'] as const
export type Parser = (typeof PARSERS)[number]

export const parseBy: Record<Parser, (text: string) => ParsedFile> = { 'frontmatter-yaml': parseFile, plain: plainFile }

/** A file that was cut, with the mapping that its front matter holds. */
export function cutFile({ body, ...split }: SplitText, mapping: Record<string, unknown>): ParsedFile {
  const hashed = (Object.keys(mapping).length === 0 && split.raw) || canonicalYaml(mapping)
  return { frontMatter: { ...split, value: jsonOf(mapping), hash: sha256(hashed) }, body, bodyHash: sha256(body) }
}

const sha256 = (text: string): string => hash('sha256', text)

/** The hash of the front matter of a file that has none. */
export const NO_FRONT_MATTER_HASH = parseFile('').frontMatter.hash
