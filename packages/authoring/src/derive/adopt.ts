import { digestBytes } from '@tenon/bundle'
import { digestHex, type PluginSpec } from '@tenon/contract'
import { diffIndices } from 'node-diff3'
import { codeFences, type CodeFence } from '../fences/code-fences.ts'
import { fenceText, isAsDerived, readFences, type PlacedFence } from '../fences/fence.ts'
import type { Change } from '../folder/changes.ts'
import { withChanges, type PluginFolder } from '../folder/plugin-folder.ts'
import { asCommitted, type TextFile } from '../folder/text-file.ts'
import { manifestOf } from './manifest.ts'

/** Lines that somebody wrote where lines are derived, and where they are now. */
export type Moved = { file: string; from: string; line: number; lines: string[] }

export type Adoption = { changes: Change[]; moved: Moved[] }

/** Moves what was written inside fences to just behind them, and between the derived lines of documents to their notes. */
export function adoptEdits(spec: PluginSpec, folder: PluginFolder, documents: readonly TextFile[]): Adoption {
  const ofCode = codeFences(spec, folder).map((wanted) => adoptFence(spec, folder, wanted))
  const ofText = documents.map((document) => adoptDocument(folder, document))
  const all = [...ofCode, ...ofText].filter((one) => one !== undefined)
  return { changes: all.map(({ change }) => change), moved: all.map(({ moved }) => moved) }
}

type Adopted = { change: Change; moved: Moved }

function adoptFence(spec: PluginSpec, folder: PluginFolder, wanted: CodeFence): Adopted | undefined {
  const { file, comment, fence } = wanted
  const text = folder.text(file) ?? ''
  const { fences, faults } = readFences(text)
  const place = fences.find(({ id }) => id === fence.id)
  if (place === undefined || isAsDerived(place) || faults.some(({ edited }) => !edited)) return undefined
  const region = [
    `${comment} <adopted from=${fence.id}> What was written into the fence above. These lines are yours.`,
    ...writtenLines(originalBody(spec, folder, wanted, place), place.body, comment),
    `${comment} </adopted>`,
  ]
  const lines = text.split('\n').toSpliced(place.from, place.to - place.from + 1, fenceText(fence, comment), ...region)
  const line = place.from + fenceText(fence, comment).split('\n').length + 2
  return {
    change: { path: file, text: lines.join('\n') },
    moved: { file, from: fence.id, line, lines: region.slice(1, -1) },
  }
}

/** What was derived into the fence before somebody edited it, as far as that can still be told. */
function originalBody(
  spec: PluginSpec,
  folder: PluginFolder,
  { file, fence }: CodeFence,
  { sha }: PlacedFence,
): string {
  const before = manifestOf(folder)?.operations.map(({ name, input, output }) => ({
    name,
    summary: name,
    input: input !== null,
    output: output !== null,
  }))
  const then = codeFences({ ...spec, operations: before ?? [] }, folder).find(
    (one) => one.file === file && one.fence.id === fence.id,
  )
  const isOriginal = then !== undefined && digestHex(digestBytes(then.fence.body)) === sha
  return isOriginal ? then.fence.body : fence.body
}

/** Lines that were added, and in a comment those that stand where another line is derived. */
const writtenLines = (derived: string, edited: string, comment: string): string[] =>
  diffIndices(derived.split('\n'), edited.split('\n')).flatMap(({ buffer1Content, buffer2Content }) =>
    buffer1Content.length === 0 ? buffer2Content : buffer2Content.map((line) => `${comment} ${line}`.trimEnd()),
  )

const END = '<!-- manual:end notes -->'
const MARKER = /<!-- (manual:(begin|end) .*|Derived from plugin\.spec\.json.*) -->/

function adoptDocument(folder: PluginFolder, { path, text }: TextFile): Adopted | undefined {
  const existing = folder.text(path)
  if (existing === undefined || existing === text || !isEdited(folder, path)) return undefined
  const added = diffIndices(text.split('\n'), existing.split('\n'))
    .flatMap(({ buffer2Content }) => buffer2Content)
    .filter((line) => line.trim() !== '' && !MARKER.test(line))
  const at = text.indexOf(END)
  if (added.length === 0 || at < 0) return undefined
  const before = `${text.slice(0, at)}\n<!-- What was written where lines are derived: -->\n`
  const line = before.split('\n').length
  const change = { path, text: `${before}${added.join('\n')}\n${text.slice(at)}` }
  return { change, moved: { file: path, from: 'notes', line, lines: added } }
}

/** What differs only because the spec does was written by nobody. */
function isEdited(folder: PluginFolder, path: string): boolean {
  const file = folder.files.find((one) => one.path === path)
  return file !== undefined && manifestOf(folder)?.files[path] !== digestBytes(asCommitted(file).bytes)
}

/** Whether every fence is well once what was written into them is moved. */
export const canAdopt = (
  spec: PluginSpec,
  folder: PluginFolder,
  isWell: (folder: PluginFolder) => boolean,
): boolean => {
  const { changes } = adoptEdits(spec, folder, [])
  return changes.length > 0 && isWell(withChanges(folder, changes))
}
