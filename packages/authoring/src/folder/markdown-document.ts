import MarkdownIt, { type Token } from 'markdown-it'
import type { PluginFolder } from './plugin-folder.ts'
import { readOnce } from './read-once.ts'

/** What a gate looks at in a Markdown text. Lines count from 1. */
export type MarkdownDocument = {
  /** Targets of links and images, wherever they are written. */
  links: { target: string; line: number }[]
  /** The names by which headings and HTML anchors are linked to, as hosting sites make them. */
  anchors: ReadonlySet<string>
  /** Fenced blocks of code: `info` is what stands after the opening fence, `line` the first line of the code. */
  blocks: { info: string; text: string; line: number }[]
}

const parser = new MarkdownIt({ html: true })

/** A document of a plugin; one that is not there is empty. */
export const readMarkdown = readOnce((folder: PluginFolder, path: string): MarkdownDocument => {
  const parts = partsOf(folder.text(path) ?? '')
  return {
    links: parts.flatMap(linksOf),
    anchors: anchorsOf(parts),
    blocks: parts
      .filter(({ type }) => type === 'fence')
      .map(({ info, content, line }) => ({ info: info.trim(), text: content, line: line + 1 })),
  }
})

type Part = Pick<Token, 'type' | 'info' | 'content'> & { line: number; children: Token[] }

/** What has no line of its own, as a cell of a table, is in the line of what it is in. */
function partsOf(text: string): Part[] {
  let line = 1
  return parser.parse(text, {}).map(({ type, info, content, map, children }) => {
    if (map !== null) line = map[0] + 1
    return { type, info, content, line, children: children ?? [] }
  })
}

function linksOf({ children, line: first }: Part): { target: string; line: number }[] {
  let line = first
  return children.flatMap((child) => {
    if (child.type === 'softbreak' || child.type === 'hardbreak') line += 1
    const target = child.attrGet(child.type === 'image' ? 'src' : 'href')
    return target === null ? [] : [{ target: decoded(String(target)), line }]
  })
}

/** The path that a target means; markdown-it writes it as a URL. */
function decoded(target: string): string {
  try {
    return decodeURI(target)
  } catch {
    return target
  }
}

function anchorsOf(parts: readonly Part[]): Set<string> {
  const anchors = new Set<string>()
  let isHeading = false
  for (const { type, content, children } of parts) {
    if (isHeading) anchors.add(freeSlug(children, anchors))
    isHeading = type === 'heading_open'
    for (const [, id = ''] of content.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(id)
  }
  return anchors
}

/** Of headings that read the same, the later ones are numbered. */
function freeSlug(heading: readonly Token[], taken: ReadonlySet<string>): string {
  const slug = heading
    .map(({ content }) => content)
    .join('')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')
  for (let number = 0; ; number += 1) {
    const name = number === 0 ? slug : `${slug}-${number}`
    if (!taken.has(name)) return name
  }
}
