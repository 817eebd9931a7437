import { join } from 'node:path'
import { defined, prettyJson, TenonError, type Disk, type PluginSpec, type Problem } from '@tenon/contract'
import { shown } from '@tenon/contract/schema'
import { fencedFiles, fenceProblems } from '../fences/fenced-files.ts'
import { generatedFiles } from './generated-files.ts'
import { healthcheckText } from './healthcheck.ts'
import { ledgerContract } from './ledger-contract.ts'
import { deriveManifest, manifestOf, type DerivedDocuments } from './manifest.ts'
import { adoptEdits, canAdopt, type Moved } from './adopt.ts'
import { writeChanges, type Change } from '../folder/changes.ts'
import { asCommitted, type TextFile } from '../folder/text-file.ts'
import {
  CONFLICTS,
  MANIFEST,
  readPluginFolder,
  requireSpec,
  withChanges,
  type PluginFolder,
} from '../folder/plugin-folder.ts'
import { requirePolicies, type Policies } from '../policy/policies.ts'
import { policySnapshot } from '../policy/policy-snapshot.ts'
import { readmeText } from './readme.ts'
import { staleFiles, withoutStale } from './stale-files.ts'
import { isTemplate, TEMPLATE } from '../scaffold/skeletons.ts'
import { refuseConflicts, reportedFiles } from './conflict-report.ts'
import { unifiedDiff } from './unified-diff.ts'
import { upgradeOf, type Upgrade } from './upgrade.ts'

/** Every file that deriving writes: a pure function of the spec, the policy packs and what people wrote in the folder. */
export const deriveFiles = (spec: PluginSpec, policies: Policies, folder: PluginFolder): TextFile[] =>
  derivation(spec, policies, folder).changes.flatMap(({ path, text }) => (text === undefined ? [] : { path, text }))

/** What deriving makes of a folder, whether or not a file is so already, and what it cannot decide. */
function derivation(
  spec: PluginSpec,
  policies: Policies,
  given: PluginFolder,
  resolved: readonly string[] = [],
): Upgrade {
  const stale = staleFiles(spec, given).map((path) => ({ path, text: undefined }))
  const upgrade = upgradeOf(spec, withChanges(given, stale), resolved)
  const folder = withChanges(given, [...stale, ...upgrade.changes])
  const files = impliedFiles(spec, policies, folder)
  const others = [...stale, ...upgrade.changes].filter(({ path }) => !files.some((file) => file.path === path))
  return { changes: [...others, ...files], conflicts: upgrade.conflicts }
}

/** What is made anew whenever something is derived. */
function impliedFiles(spec: PluginSpec, policies: Policies, folder: PluginFolder): TextFile[] {
  const snapshot = policySnapshot(policies, spec)
  const documents: DerivedDocuments = {
    policySnapshot: snapshot,
    ledgerContract: ledgerContract(spec, snapshot),
  }
  const files: TextFile[] = [
    { path: 'policy_snapshot.json', text: prettyJson(documents.policySnapshot) },
    { path: 'ledger_contract.json', text: prettyJson(documents.ledgerContract) },
    { path: 'README_PLUGIN.md', text: readmeText(spec, folder) },
    { path: 'healthcheck.md', text: healthcheckText(spec, documents.policySnapshot, folder) },
    ...fencedFiles(spec, folder),
  ]
  const all = withChanges(folder, [...files, { path: MANIFEST, text: undefined }]).files.map(asCommitted)
  const manifest = deriveManifest(spec, documents, all, generatedFiles(spec))
  return [...files, { path: MANIFEST, text: prettyJson(manifest) }]
}

const differing = (folder: PluginFolder, changes: readonly Change[]): Change[] =>
  changes.filter(({ path, text }) => folder.text(path) !== text)

/** Derived files that differ from what the spec implies; while a fence is damaged, that alone. */
export function driftOf(spec: PluginSpec, policies: Policies, folder: PluginFolder): Problem[] {
  const damaged = fenceProblems(spec, withoutStale(spec, folder))
  if (damaged.length > 0) return damaged
  return differences(spec, derivedChanges(spec, policies, folder), folder)
}

/** What deriving would leave in a folder, whether or not it lies so already; a file without a text goes. */
export const derivedChanges = (spec: PluginSpec, policies: Policies, folder: PluginFolder): Change[] =>
  derivation(spec, policies, folder).changes

/** Those of some changes that are not made yet. */
export const differences = ({ id }: PluginSpec, changes: readonly Change[], folder: PluginFolder): Problem[] =>
  differing(folder, changes).map(({ path, text }) =>
    defined({
      pointer: '',
      file: path,
      code: 'DERIVED_DRIFT',
      ...difference(folder.text(path), text),
      hint: `Run "tenon plugin derive ${id}".`,
    }),
  )

/** What deriving would change, file by file, as unified diffs. */
export function driftDiffs(
  spec: PluginSpec,
  policies: Policies,
  folder: PluginFolder,
): { file: string; diff: string }[] {
  return differing(folder, derivedChanges(spec, policies, folder)).map(({ path, text }) => ({
    file: path,
    diff: unifiedDiff(path, folder.text(path), text),
  }))
}

/** The first line in which a file differs from what it should be. */
function difference(got: string | undefined, wanted: string | undefined): { line?: number; message: string } {
  if (got === undefined) return { message: 'is missing' }
  if (wanted === undefined) return { message: 'was derived, and the spec implies it no more' }
  const [left, right] = [got.split('\n'), wanted.split('\n')]
  const at = [...left, ...right].findIndex((_, index) => left[index] !== right[index])
  const [has, implied] = [left, right].map((lines) => (at < lines.length ? shown(lines[at]) : 'no such line'))
  return { line: at + 1, message: `differs at line ${at + 1}: it has ${has}, the spec implies ${implied}` }
}

/** What deriving is told beside the folder. */
export type DeriveOptions = {
  /** The author has seen to the conflicts that were written down. */
  resolved?: boolean
  /** Lines that were written into fences move behind them, and those between derived lines of a document to its notes. */
  adopt?: boolean
}

/**
 * Writes what differs, all of it or nothing, and tells which files, and what it moved. Work inside a fence is never
 * overwritten (FENCE_BROKEN), nor is any outside of one: where a newer template changes what its author changed too,
 * that is written down and refused (DERIVE_CONFLICT).
 */
export async function deriveFolder(
  disk: Disk,
  root: string,
  policyFolder: string,
  { resolved = false, adopt = false }: DeriveOptions = {},
): Promise<{ written: string[]; moved: Moved[] }> {
  const given = await readPluginFolder(disk, root)
  const spec = requireSpec(given)
  const policies = await requirePolicies(disk, policyFolder)
  const adoption = adopt
    ? adoptEdits(spec, given, documentsWithNotes(spec, policies, given))
    : { changes: [], moved: [] }
  const seen = resolved ? await reportedFiles(disk, root) : []
  const written = await writeDerived(disk, { policies, given, edits: adoption.changes, seen })
  return { written, moved: adoption.moved }
}

type Edited = { policies: Policies; given: PluginFolder; edits: readonly Change[]; seen: readonly string[] }

/** Writes edits and all that they imply. `seen` names files whose conflicts their author has seen to. */
async function writeDerived(disk: Disk, { policies, given, edits, seen }: Edited): Promise<string[]> {
  const folder = withChanges(given, edits)
  const spec = requireSpec(folder)
  refuseTemplate(folder)
  refuseDamage(spec, withoutStale(spec, folder))
  const { changes, conflicts } = derivation(spec, policies, folder, seen)
  if (conflicts.length > 0) return refuseConflicts(disk, given.root, spec, conflicts)
  refuseDamage(spec, withChanges(folder, changes))
  const others = edits.filter(({ path }) => !changes.some((change) => change.path === path))
  const wanted = differing(given, [...others, ...changes])
  await writeChanges(disk, given.root, wanted)
  await disk.remove(join(given.root, CONFLICTS))
  return wanted.map(({ path }) => path)
}

/** Edits a plugin and derives what that implies, all of it or nothing. `edit` may refuse; tells what was written. */
export async function editPlugin(
  disk: Disk,
  root: string,
  policyFolder: string,
  edit: (spec: PluginSpec, folder: PluginFolder) => Change[],
): Promise<string[]> {
  const given = await readPluginFolder(disk, root)
  const policies = await requirePolicies(disk, policyFolder)
  return writeDerived(disk, { policies, given, edits: edit(requireSpec(given), given), seen: [] })
}

/** As `deriveFolder`, for who needs to know no more than what was written. */
export const derive = async (disk: Disk, root: string, policyFolder: string): Promise<string[]> =>
  (await deriveFolder(disk, root, policyFolder)).written

const documentsWithNotes = (spec: PluginSpec, policies: Policies, folder: PluginFolder): TextFile[] =>
  impliedFiles(spec, policies, folder).filter(({ path }) => path.endsWith('.md'))

/** The option that mends what is wrong with fences, if one does. */
export const isAdoptable = (spec: PluginSpec, folder: PluginFolder): boolean =>
  canAdopt(spec, folder, (adopted) => fenceProblems(spec, withoutStale(spec, adopted)).length === 0)

function refuseDamage(spec: PluginSpec, folder: PluginFolder): void {
  const problems = fenceProblems(spec, folder)
  const [first] = problems
  if (first !== undefined)
    throw new TenonError('FENCE_BROKEN', `${first.file}: ${first.message}`, { problems, hint: first.hint })
}

function refuseTemplate(folder: PluginFolder): void {
  const { template = TEMPLATE } = manifestOf(folder) ?? {}
  if (!isTemplate(template))
    throw new TenonError('TEMPLATE_UNKNOWN', `the plugin was made by the template ${JSON.stringify(template)}`, {
      hint: `This version knows templates up to ${TEMPLATE}: take a newer one of Tenon.`,
    })
}
