import { join } from 'node:path'
import { writeAside, type PluginFile } from '@tenon/bundle'
import { prettyJson, TenonError, type Disk, type PluginSpec, type Problem } from '@tenon/contract'
import { shown } from '@tenon/contract/schema'
import { fencedFiles, fenceProblems } from './fenced-files.ts'
import { healthcheckText } from './healthcheck.ts'
import { ledgerContract } from './ledger-contract.ts'
import { deriveManifest, type DerivedDocuments } from './manifest.ts'
import { MANIFEST, readPluginFolder, requireSpec, type PluginFolder } from './plugin-folder.ts'
import { readPolicyPacks, type PolicyPack } from './policy-pack.ts'
import { policySnapshot } from './policy-snapshot.ts'
import { readmeText } from './readme.ts'

export type DerivedFile = { path: string; text: string }

/** Every derived file of a plugin: a pure function of its spec, the policy packs and what people wrote in the folder. */
export function deriveFiles(spec: PluginSpec, packs: readonly PolicyPack[], folder: PluginFolder): DerivedFile[] {
  const documents: DerivedDocuments = {
    policySnapshot: policySnapshot(packs, spec),
    ledgerContract: ledgerContract(spec),
  }
  const files: DerivedFile[] = [
    { path: 'policy_snapshot.json', text: prettyJson(documents.policySnapshot) },
    { path: 'ledger_contract.json', text: prettyJson(documents.ledgerContract) },
    { path: 'README_PLUGIN.md', text: readmeText(spec, folder) },
    { path: 'healthcheck.md', text: healthcheckText(spec, documents.policySnapshot, folder) },
    ...fencedFiles(spec, folder),
  ]
  const made = files.map(({ path, text }): PluginFile => ({ path, bytes: Buffer.from(text) }))
  const kept = folder.files.filter(({ path }) => path !== MANIFEST && !files.some((file) => file.path === path))
  return [...files, { path: MANIFEST, text: prettyJson(deriveManifest(spec, documents, [...kept, ...made])) }]
}

/** Derived files that differ from what the spec implies; while a fence is damaged, that alone. */
export function driftOf(spec: PluginSpec, packs: readonly PolicyPack[], folder: PluginFolder): Problem[] {
  const damaged = fenceProblems(spec, folder)
  if (damaged.length > 0) return damaged
  return deriveFiles(spec, packs, folder)
    .filter(({ path, text }) => folder.text(path) !== text)
    .map(({ path, text }) => ({
      pointer: '',
      file: path,
      code: 'DERIVED_DRIFT',
      message: difference(folder.text(path), text),
      hint: `Run "tenon plugin derive ${spec.id}".`,
    }))
}

/** The first line in which a file differs from what it should be. */
function difference(got: string | undefined, wanted: string): string {
  if (got === undefined) return 'is missing'
  const [left, right] = [got.split('\n'), wanted.split('\n')]
  const at = [...left, ...right].findIndex((_, index) => left[index] !== right[index])
  const [has, implied] = [left, right].map((lines) => (at < lines.length ? shown(lines[at]) : 'no such line'))
  return `differs at line ${at + 1}: it has ${has}, the spec implies ${implied}`
}

/** Writes what differs, each file aside and renamed, and tells which. Work inside a fence is never overwritten. */
export async function derive(disk: Disk, root: string, policies: string): Promise<string[]> {
  const folder = await readPluginFolder(disk, root)
  const spec = requireSpec(folder)
  const packs = await requirePacks(disk, policies)
  const problems = fenceProblems(spec, folder)
  const [first] = problems
  if (first !== undefined)
    throw new TenonError('FENCE_BROKEN', `${first.file}: ${first.message}`, { problems, hint: first.hint })
  const drifted = deriveFiles(spec, packs, folder).filter(({ path, text }) => folder.text(path) !== text)
  for (const { path, text } of drifted) await writeAside(disk, join(root, path), text)
  return drifted.map(({ path }) => path)
}

async function requirePacks(disk: Disk, policies: string): Promise<PolicyPack[]> {
  const { packs, problems } = await readPolicyPacks(disk, policies)
  if (problems.length > 0)
    throw new TenonError('POLICY_INVALID', `${policies} has ${problems.length} problem(s)`, { problems })
  return packs
}
