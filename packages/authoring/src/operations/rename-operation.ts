import { jsonValue, prettyJson, TenonError, type Disk, type PluginSpec } from '@tenon/contract'
import { editPlugin } from '../derive/derive.ts'
import { manifestOf } from '../derive/manifest.ts'
import { operationFunction, typeName } from '../fences/code-names.ts'
import { readFences } from '../fences/fence.ts'
import type { Change } from '../folder/changes.ts'
import { editJson, type JsonEdit } from '../folder/json-edit.ts'
import { jsonSpans } from '../folder/json-spans.ts'
import { MANIFEST, SPEC, textAt, textOf, withChanges, type PluginFolder } from '../folder/plugin-folder.ts'
import { mentionsOf, type Mention } from './mentions.ts'
import { operationAt } from './operation-at.ts'
import { fixturePaths, operationPaths, presentPaths } from './operation-paths.ts'

type Names = { from: string; to: string }

/**
 * Gives an operation another name, its `uid` kept: in the spec, in the names of its files, in what is derived, and where
 * a file names another by its path. Tells which lines still have the old name. Throws FILE_EXISTS where a file is in the
 * way, and SPEC_INVALID for a name that cannot be had.
 */
export async function renameOperation(
  disk: Disk,
  root: string,
  policies: string,
  names: Names,
): Promise<{ written: string[]; mentions: Mention[] }> {
  let mentions: Mention[] = []
  const written = await editPlugin(disk, root, policies, (spec, folder) => {
    const index = operationAt(spec, names.from)
    const moves = movesOf(spec, folder, names)
    const specText = editJson(textAt(folder, SPEC), specEdits(spec, folder, index, names, moves))
    const changes = [
      { path: SPEC, text: specText },
      ...manifestChange(folder, names),
      ...movedFiles(folder, moves, names),
    ]
    mentions = mentionsOf(
      withChanges(folder, changes),
      new RegExp(`\\b${names.from}\\b|\\b${operationFunction(names.from)}\\b`),
    )
    return changes
  })
  return { written, mentions }
}

/** The files that move, by their old path. */
function movesOf(spec: PluginSpec, folder: PluginFolder, { from, to }: Names): Map<string, string> {
  const named = new RegExp(`\\b(test_)?${from}(?=[._][^/]*$)`)
  const moves = new Map([
    ...presentPaths(folder, operationPaths(spec, from)).map((path) => [path, path.replace(named, `$1${to}`)] as const),
    ...fixturePaths(folder, from).map((path) => [path, path.replace(`/${from}.`, `/${to}.`)] as const),
  ])
  const taken = presentPaths(folder, [...new Set([...operationPaths(spec, to), ...moves.values()])])
  if (taken.length > 0)
    throw new TenonError('FILE_EXISTS', `${taken.join(', ')} would be written over`, { hint: 'Choose another name.' })
  return moves
}

/** Every text of the spec that is the name of the operation or the path of one of its files. */
function specEdits(
  { health, performance }: PluginSpec,
  folder: PluginFolder,
  index: number,
  { from, to }: Names,
  moves: ReadonlyMap<string, string>,
): JsonEdit[] {
  const text = textAt(folder, SPEC)
  const paths = [...jsonSpans(text).values].flatMap(([at, span]) => {
    const value: unknown = text[span.from] === '"' ? jsonValue(text.slice(span.from, span.to)) : undefined
    const moved = typeof value === 'string' ? moves.get(value) : undefined
    return moved === undefined ? [] : { at, value: moved }
  })
  const probes = (health?.probes ?? []).flatMap(({ id, kind, target }, at) =>
    kind === 'op'
      ? [
          ...(id === from ? [{ at: `/health/probes/${at}/id`, value: to }] : []),
          ...(target === from ? [{ at: `/health/probes/${at}/target`, value: to }] : []),
        ]
      : [],
  )
  const budget = performance !== undefined && from in performance ? [{ at: `/performance/${from}`, key: to }] : []
  return [{ at: `/operations/${index}/name`, value: to }, ...paths, ...probes, ...budget]
}

/** The manifest with the new name, so that the operation is not taken for a new one, for which files are written. */
function manifestChange(folder: PluginFolder, { from, to }: Names): Change[] {
  const manifest = manifestOf(folder)
  if (manifest === undefined) return []
  const operations = manifest.operations.map((one) => (one.name === from ? { ...one, name: to } : one))
  return [{ path: MANIFEST, text: prettyJson({ ...manifest, operations }) }]
}

const CODE = /\.([cm]?[jt]sx?|py)$/

/** Files at their new places, and in every file of code what names them by path, and the types of the operation. */
function movedFiles(folder: PluginFolder, moves: ReadonlyMap<string, string>, names: Names): Change[] {
  return folder.files.flatMap((file) => {
    const { path } = file
    const text = textOf(file)
    const moved = moves.get(path)
    const changed = path.endsWith('.feature')
      ? renamedInSteps(text, names)
      : CODE.test(path)
        ? outsideFences(text, (part) => renamedIn(part, names, moved !== undefined))
        : text
    if (moved === undefined) return changed === text ? [] : [{ path, text: changed }]
    return [
      { path, text: undefined },
      { path: moved, text: changed },
    ]
  })
}

/** What is inside a fence is derived anew, and must be until then as it was derived. */
function outsideFences(text: string, change: (part: string) => string): string {
  const { fences } = readFences(text)
  const inside = (index: number): boolean => fences.some(({ from, to }) => index >= from && index <= to)
  return text
    .split('\n')
    .map((line, index) => (inside(index) ? line : change(line)))
    .join('\n')
}

function renamedIn(text: string, { from, to }: Names, isOwn: boolean): string {
  const [type, newType] = [typeName(from), typeName(to)]
  const named = text
    .replaceAll(new RegExp(`\\b${type}(Input|Output)\\b`, 'g'), `${newType}$1`)
    .replaceAll(new RegExp(`(['"\`])${from}(_request|_response)\\b`, 'g'), `$1${to}$2`)
    .replaceAll(
      new RegExp(`/${from}(_request\\.json|_response\\.json|\\.in\\.schema\\.json|\\.out\\.schema\\.json)`, 'g'),
      `/${to}$1`,
    )
    .replaceAll(new RegExp(`(['"]\\.{1,2}/(?:src/)?)${from}(\\.[cm]?[jt]s['"])`, 'g'), `$1${to}$2`)
    .replaceAll(new RegExp(`\\b((?:call|stream)\\(['"])${from}(['"])`, 'g'), `$1${to}$2`)
  const declared = new RegExp(`^(export (?:async )?(?:function\\*?|const) )${operationFunction(from)}\\b`, 'gm')
  return isOwn ? named.replaceAll(declared, `$1${operationFunction(to)}`) : named
}

/** The steps that call the operation or name its schemas, and the title of a feature that is its name. */
const renamedInSteps = (text: string, { from, to }: Names): string =>
  text
    .replaceAll(new RegExp(`^(\\s*(?:\\*|\\w+) )${from}( is given\\b)`, 'gm'), `$1${to}$2`)
    .replaceAll(new RegExp(`( I call ")${from}(")`, 'g'), `$1${to}$2`)
    .replaceAll(new RegExp(`("schemas/)${from}(\\.(?:in|out)\\.schema\\.json")`, 'g'), `$1${to}$2`)
    .replaceAll(new RegExp(`^(Feature: )${from}$`, 'gm'), `$1${to}`)
