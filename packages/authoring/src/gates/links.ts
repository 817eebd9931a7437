import { posix } from 'node:path'
import type { Problem } from '@tenon/contract'
import { readMarkdown } from '../folder/markdown-document.ts'
import type { PluginFolder } from '../folder/plugin-folder.ts'
import { unlessNone, type Checked, type Subject } from './gate.ts'

type Link = { file: string; line: number; target: string }

/** Every relative link of a plugin's Markdown leads to a file or a heading that is there. Nothing is fetched. */
export function checkLinks({ folder }: Subject): Checked {
  const documents = folder.files.map(({ path }) => path).filter((path) => path.endsWith('.md'))
  const links = documents.flatMap((file) => relativeLinks(file, folder))
  return unlessNone('its documents have no links', {
    checked: links.length,
    problems: links.flatMap((link) => brokenLink(link, folder)),
  })
}

const relativeLinks = (file: string, folder: PluginFolder): Link[] =>
  readMarkdown(folder, file)
    .links.map((link) => ({ ...link, file }))
    .filter(({ target }) => !/^[a-z][a-z0-9+.-]*:/i.test(target))

function brokenLink({ file, line, target }: Link, folder: PluginFolder): Problem[] {
  const [path = '', anchor] = target.split('#')
  const wanted = path === '' ? file : posix.join(posix.dirname(file), path).replace(/\/$/, '')
  const isThere = folder.files.some((one) => one.path === wanted || one.path.startsWith(`${wanted}/`))
  const hasAnchor = anchor === undefined || readMarkdown(folder, wanted).anchors.has(anchor)
  if (isThere && hasAnchor) return []
  const message = isThere ? `"${target}" leads to no heading` : `"${target}" leads to no file of the plugin`
  const hint = isThere ? 'Take the anchor of a heading that is there.' : 'Paths count from the document, case included.'
  return [{ pointer: '', file, line, code: 'LINK_BROKEN', message, hint }]
}
