import { join } from 'node:path'
import { digestJson } from '@tenon/bundle'
import { defined, type Digest, type Disk, type Problem } from '@tenon/contract'
import {
  POLICY_KEYS,
  policyPackSchema,
  validatorOf,
  type PolicyKey,
  type PolicyPackDocument,
} from '@tenon/contract/schema'
import { compareVersions, isVersion } from '@tenon/resolver'
import { isNode, LineCounter, parseDocument, type Document } from 'yaml'

export type PolicyRule = {
  id: string
  when: { traits?: string[]; classification?: string[] }
  set: { key: PolicyKey; value: number; line: number }[]
  reason: string
}
export type PolicyPack = { pack: string; version: string; released: string; digest: Digest; rules: PolicyRule[] }

const documents = validatorOf(policyPackSchema)

/** Reads `policies/<pack>/<version>/pack.yaml` of the newest version of each pack, in the packs' name order. */
export async function readPolicyPacks(
  disk: Disk,
  folder: string,
): Promise<{ packs: PolicyPack[]; problems: Problem[] }> {
  const packs: PolicyPack[] = []
  const problems: Problem[] = []
  for (const name of await disk.list(folder)) {
    const versions = await disk.list(join(folder, name))
    problems.push(...versions.filter((version) => !isVersion(version)).map((version) => noVersion(name, version)))
    const newest = versions.filter(isVersion).toSorted(compareVersions).at(-1)
    if (newest === undefined) continue
    const path = `${name}/${newest}/pack.yaml`
    const text = Buffer.from((await disk.read(join(folder, path))) ?? []).toString('utf8')
    const reading = readPack(text, `policies/${path}`, { pack: name, version: newest })
    problems.push(...reading.problems)
    if (reading.pack !== undefined) packs.push(reading.pack)
  }
  return { packs, problems }
}

/** A pack in such a folder would never be read, and nobody would notice. */
const noVersion = (pack: string, version: string): Problem => ({
  pointer: '',
  code: 'POLICY_PACK',
  file: `policies/${pack}/${version}`,
  message: `"${version}" is no version`,
})

type Named = { pack: string; version: string }

/** Reads one pack, which must bear the name and version of its folder. Every problem has its line. */
export function readPack(
  source: string,
  file: string,
  folder: Named,
): { pack: PolicyPack | undefined; problems: Problem[] } {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines })
  const lineOf = (path: readonly (string | number)[]): number => lines.linePos(offsetOf(document, path)).line
  const problem = (line: number, message: string, hint?: string): Problem =>
    defined({ pointer: '', code: 'POLICY_PACK', file, line, message, hint })
  if (document.errors.length > 0)
    return {
      pack: undefined,
      problems: document.errors.map(({ pos, message }) => problem(lines.linePos(pos[0]).line, message)),
    }
  const value: unknown = document.toJS()
  const found = documents
    .problems(value)
    .map(({ pointer, message, hint }) => problem(lineOf(pointer.split('/').slice(1)), message, hint))
  if (!documents.is(value)) return { pack: undefined, problems: found }
  const misnamed = (['pack', 'version'] as const)
    .filter((key) => value[key] !== folder[key])
    .map((key) => problem(lineOf([key]), `"${value[key]}" lies in the folder of "${folder[key]}"`))
  return { pack: misnamed.length === 0 ? packOf(value, lineOf) : undefined, problems: misnamed }
}

const packOf = (value: PolicyPackDocument, lineOf: (path: (string | number)[]) => number): PolicyPack => ({
  pack: value.pack,
  version: value.version,
  released: value.released,
  digest: digestJson(value),
  rules: value.rules.map(({ id, when = {}, set, reason }, index) => ({
    id,
    when,
    reason,
    set: (Object.entries(set) as [PolicyKey, { min: number; max: number }][]).map(([key, bound]) => ({
      key,
      value: bound[POLICY_KEYS[key]],
      line: lineOf(['rules', index, 'set', key]),
    })),
  })),
})

/** Where a value stands in the text; what is not there stands where its holder does. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  const node = document.getIn(path, true)
  if (isNode(node) && node.range) return node.range[0]
  return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1))
}
