import { posix } from 'node:path'
import type { Problem } from '@tenon/contract'
import type { Checked, Subject } from '../gate.ts'
import type { PluginFolder } from '../plugin-folder.ts'

const DOCUMENTS = ['README_PLUGIN.md', 'healthcheck.md', 'CHANGELOG.md']

type Link = { file: string; line: number; target: string }

/** Every relative link of a plugin's documents leads to a file or a heading that is there. Nothing is fetched. */
export function checkLinks({ folder }: Subject): Checked {
  const links = DOCUMENTS.flatMap((file) => linksOf(file, folder.text(file) ?? ''))
  return { checked: links.length, problems: links.flatMap((link) => brokenLink(link, folder)) }
}

/** The relative links of a text, outside code. */
const linksOf = (file: string, text: string): Link[] =>
  withoutCode(text)
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/\]\(<?([^)\s>]+)/g)].map(([, target = '']) => ({ file, line: index + 1, target })),
    )
    .filter(({ target }) => !/^[a-z][a-z0-9+.-]*:/i.test(target))

/** The same lines, those of code empty. */
function withoutCode(text: string): string {
  let fence: string | undefined
  return text
    .split('\n')
    .map((line) => {
      const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
      const isInside = fence !== undefined
      if (fence === undefined) fence = mark
      else if (mark?.startsWith(fence) === true) fence = undefined
      return isInside || mark !== undefined ? '' : line.replaceAll(/`[^`]*`/g, '')
    })
    .join('\n')
}

function brokenLink({ file, line, target }: Link, folder: PluginFolder): Problem[] {
  const [path = '', anchor] = target.split('#')
  const wanted = path === '' ? file : posix.join(posix.dirname(file), path).replace(/\/$/, '')
  const isThere = folder.files.some((one) => one.path === wanted || one.path.startsWith(`${wanted}/`))
  const hasAnchor = anchor === undefined || headings(folder.text(wanted) ?? '').includes(anchor)
  if (isThere && hasAnchor) return []
  const message = isThere ? `"${target}" leads to no heading` : `"${target}" leads to no file of the plugin`
  return [{ pointer: '', file, line, code: 'LINK_BROKEN', message }]
}

/** The anchors of a text's headings, as hosting sites make them. */
const headings = (text: string): string[] =>
  [...withoutCode(text).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  )
