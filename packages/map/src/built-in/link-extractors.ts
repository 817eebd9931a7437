import { posix } from 'node:path'
import type { Extractor } from '../kernel/extension.ts'

const ADDRESS = /https?:\/\/[^\s<>"'`)\]]+/gi

/** Counts the distinct addresses of the web that a text names; the kernel keeps the number only. */
export const externalUrlCounter: Extractor = {
  id: 'external-url-counter',
  kind: 'extractor',
  version: '1.0.0',
  emitsLinkKinds: ['references'],
  defaultConfidence: 'low',
  scope: 'body',
  viewContributions: { count: { contract: 'node-counter', icon: '🔗', label: 'urls' } },
  extract: ({ prose, emitLink, emitContribution }) => {
    const addresses = new Set(Array.from(prose.matchAll(ADDRESS), ([text]) => addressOf(text) ?? []).flat())
    for (const target of addresses) emitLink({ target, kind: 'references' })
    emitContribution('count', { value: addresses.size })
  },
}

function addressOf(text: string): string | undefined {
  const url = URL.parse(text.replace(/[.,;:!?]+$/, ''))
  if (url === null) return undefined
  url.hash = ''
  return url.href
}

const INLINE_LINK = /(?<!!)\[[^[\]]*\]\(([^\s)]+)(?:\s+"[^"]*")?\)/g

/** Follows the inline links of Markdown to paths within the tree. */
export const markdownLink: Extractor = {
  id: 'markdown-link',
  kind: 'extractor',
  version: '1.0.0',
  emitsLinkKinds: ['references'],
  defaultConfidence: 'high',
  scope: 'body',
  extract: ({ node, prose, emitLink }) => {
    const seen = new Set<string>()
    const lineAt = lineCounter(prose)
    for (const { 1: destination = '', index } of prose.matchAll(INLINE_LINK)) {
      const target = targetOf(node.path, destination)
      if (target === undefined || seen.has(target)) continue
      seen.add(target)
      emitLink({
        target,
        kind: 'references',
        trigger: { originalTrigger: destination, normalizedTrigger: target },
        location: { line: lineAt(index) },
      })
    }
  },
}

/** The path that a destination leads to, or undefined when it stays in its file or leaves the tree. */
function targetOf(source: string, destination: string): string | undefined {
  const path = destination.replace(/[#?].*$/, '')
  if (path === '' || path.startsWith('/') || /^[a-z][a-z0-9+.-]*:/i.test(path)) return undefined
  return posix.join(posix.dirname(source), path)
}

/** Line numbers from 1, for offsets that are asked for in ascending order. */
function lineCounter(text: string): (offset: number) => number {
  let [line, at] = [1, 0]
  return (offset) => {
    for (let end = text.indexOf('\n', at); end >= 0 && end < offset; end = text.indexOf('\n', at)) {
      line += 1
      at = end + 1
    }
    return line
  }
}
