import type { PluginSpec } from '@tenon/contract'
import type { Change } from '../folder/changes.ts'
import type { PluginFolder } from '../folder/plugin-folder.ts'
import type { TextFile } from '../folder/text-file.ts'
import { isTemplate, skeletonsOf, TEMPLATE } from '../scaffold/skeletons.ts'
import { manifestOf } from './manifest.ts'
import { merge, type Hunk } from './merge.ts'

/** A file that both its author and the template changed, and where. */
export type Conflict = { path: string; hunks: Hunk[] }

/** What becomes of files that a template wrote and their author went on with. */
export type Upgrade = { changes: Change[]; conflicts: Conflict[] }

/**
 * What the template of today writes otherwise than the one by which the plugin was made, merged with what its author
 * wrote since; and what it writes for operations that are new. `resolved` names files that stay as their author has them.
 */
export function upgradeOf(spec: PluginSpec, folder: PluginFolder, resolved: readonly string[]): Upgrade {
  const steps = versionsOf(spec, folder)
    .filter(({ path }) => !resolved.includes(path))
    .map(({ path, base, theirs }) => ({ path, ...outcome({ base, ours: folder.text(path), theirs }) }))
  const conflicts = steps.filter(({ hunks }) => hunks.length > 0).map(({ path, hunks }) => ({ path, hunks }))
  return {
    changes: steps.flatMap(({ path, text, isChanged }) => (isChanged ? { path, text } : [])),
    // Where the template is the same, its author's file has no need of what a new operation would bring.
    conflicts: manifestOf(folder)?.template === TEMPLATE ? [] : conflicts,
  }
}

type Versions = { path: string; base: string | undefined; theirs: string | undefined }

function versionsOf(spec: PluginSpec, folder: PluginFolder): Versions[] {
  const { template = TEMPLATE, operations: known } = manifestOf(folder) ?? {}
  const { operations = [] } = spec
  const old = operations.filter(({ name }) => known?.some((one) => one.name === name) ?? true)
  if (!isTemplate(template) || (template === TEMPLATE && old.length === operations.length)) return []
  const base = textsOf(skeletonsOf(template, { ...spec, operations: old }))
  const theirs = textsOf(skeletonsOf(TEMPLATE, spec))
  const [forOld, forNone] = [old, []].map((some) => textsOf(skeletonsOf(TEMPLATE, { ...spec, operations: some })))
  const isUntouched = [...base].every(([path, text]) => folder.text(path) === text)
  // What the author of an operation did without under the old template, a new one does not bring, nor what would show of
  // a plugin that has become another what only a new one does.
  const isNew = (path: string): boolean =>
    isUntouched || (forNone?.has(path) === true && !path.startsWith('conformance/')) || forOld?.has(path) === false
  return [...new Set([...base.keys(), ...theirs.keys()])]
    .filter((path) => base.has(path) || isNew(path))
    .map((path) => ({ path, base: base.get(path), theirs: theirs.get(path) }))
}

const textsOf = (files: readonly TextFile[]): Map<string, string> =>
  new Map(files.map(({ path, text }) => [path, text]))

type Outcome = { text: string | undefined; isChanged: boolean; hunks: Hunk[] }

function outcome({
  base,
  ours,
  theirs,
}: {
  base?: string | undefined
  ours?: string | undefined
  theirs?: string | undefined
}): Outcome {
  const kept: Outcome = { text: ours, isChanged: false, hunks: [] }
  // What its author has under a new name stays, and what its author took away stays away.
  if (base === undefined) return ours === undefined ? { ...kept, text: theirs, isChanged: true } : kept
  if (ours === undefined || base === theirs) return kept
  if (theirs === undefined) return ours === base ? { ...kept, text: undefined, isChanged: true } : kept
  const { text, hunks } = merge({ base, ours, theirs })
  return { text, isChanged: text !== ours, hunks }
}
