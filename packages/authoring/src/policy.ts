import { join } from 'node:path'
import { digestJson } from '@tenon/bundle'
import { decodeUtf8, type Digest, type Disk, type PluginSpec, type Problem } from '@tenon/contract'
import { isMap, LineCounter, parseDocument, type Document } from 'yaml'

/** How the values of a policy key compare: a `min` is stricter when greater, a `max` when smaller. */
export type Bound = 'min' | 'max'

export type PolicyRule = {
  id: string
  /** The rule holds for plugins that have all of these traits and any of these classes; absent means every plugin. */
  when: { traits?: string[]; classification?: string[] }
  set: { key: string; bound: Bound; value: number; line: number }[]
  reason: string
}

export type PolicyPack = { pack: string; version: string; released: string; digest: Digest; rules: PolicyRule[] }

/** Where a value of a snapshot comes from. */
export type PolicySource = { pack: string; rule: string; line: number; reason: string; value: number }

export type PolicySnapshot = {
  snapshotVersion: 1
  packs: { pack: string; version: string; released: string; digest: Digest }[]
  values: Record<string, PolicySource & { bound: Bound; overridden: PolicySource[] }>
}

/** Every key a pack may set. A key outside this table is refused, since nothing would enforce it. */
export const POLICY_KEYS: Readonly<Record<string, Bound>> = {
  'coverage.lines': 'min',
  'health.failAfter': 'max',
  'health.timeoutMs': 'max',
  'operation.timeoutMs': 'max',
  'performance.p95Ms': 'max',
  'retention.days': 'min',
  'tests.negativePerOperation': 'min',
}

/** Reads `policies/<pack>/<version>/pack.yaml` of the newest version of each pack, in the packs' name order. */
export async function readPolicyPacks(
  disk: Disk,
  folder: string,
): Promise<{ packs: PolicyPack[]; problems: Problem[] }> {
  const packs: PolicyPack[] = []
  const problems: Problem[] = []
  for (const name of await disk.list(folder)) {
    const newest = (await disk.list(join(folder, name))).toSorted(byVersion).at(-1)
    const path = `${name}/${newest}/pack.yaml`
    const bytes = newest === undefined ? undefined : await disk.read(join(folder, path))
    if (bytes === undefined) continue
    const reading = readPack(decodeUtf8(bytes, path), `policies/${path}`)
    problems.push(...reading.problems)
    if (reading.pack !== undefined) packs.push(reading.pack)
  }
  return { packs, problems }
}

const byVersion = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })

export function readPack(text: string, file: string): { pack: PolicyPack | undefined; problems: Problem[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const problems: Problem[] = document.errors.map((error) =>
    packProblem(file, error.linePos?.[0].line ?? 1, error.message),
  )
  if (problems.length > 0) return { pack: undefined, problems }
  const value = document.toJS() as Record<string, unknown>
  for (const key of ['pack', 'version', 'released', 'rules'])
    if (value?.[key] === undefined) problems.push(packProblem(file, 1, `the key "${key}" is missing`))
  const rules = Array.isArray(value?.['rules']) ? value['rules'] : []
  const read = rules.map((rule: unknown, index) => readRule(rule, index, document, lines, file, problems))
  if (problems.length > 0) return { pack: undefined, problems }
  const { pack, version, released } = value as { pack: string; version: string; released: string }
  return { pack: { pack, version, released, digest: digestJson(value), rules: read }, problems }
}

const packProblem = (file: string, line: number, message: string): Problem => ({
  pointer: '',
  code: 'POLICY_PACK',
  file,
  line,
  message: `${file}:${line} ${message}`,
})

function readRule(
  rule: unknown,
  index: number,
  document: Document,
  lines: LineCounter,
  file: string,
  problems: Problem[],
): PolicyRule {
  const given = (rule ?? {}) as {
    id?: string
    when?: PolicyRule['when']
    set?: Record<string, Record<string, unknown>>
    reason?: string
  }
  const lineOf = (path: (string | number)[]): number => {
    const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined
    return lines.linePos(node?.range?.[0] ?? 0).line
  }
  if (given.id === undefined || given.reason === undefined)
    problems.push(packProblem(file, lineOf(['rules', index]), 'a rule needs "id" and "reason"'))
  const set = Object.entries(given.set ?? {}).map(([key, bound]) => {
    const wanted = POLICY_KEYS[key]
    const value = wanted === undefined ? undefined : bound?.[wanted]
    const line = keyLine(document, lines, index, key)
    if (wanted === undefined) problems.push(packProblem(file, line, `there is no policy key "${key}"`))
    else if (typeof value !== 'number') problems.push(packProblem(file, line, `"${key}" needs { ${wanted}: number }`))
    return { key, bound: wanted ?? 'min', value: typeof value === 'number' ? value : 0, line }
  })
  return { id: given.id ?? '', when: given.when ?? {}, set, reason: given.reason ?? '' }
}

function keyLine(document: Document, lines: LineCounter, rule: number, key: string): number {
  const set = document.getIn(['rules', rule, 'set'], true)
  const pair = isMap(set) ? set.items.find((item) => String(item.key) === key) : undefined
  const at = (pair?.key as { range?: [number, number, number] } | undefined)?.range?.[0] ?? 0
  return lines.linePos(at).line
}

const holds = (when: PolicyRule['when'], spec: PluginSpec): boolean =>
  (when.traits ?? []).every((trait) => spec.traits?.includes(trait) === true) &&
  (when.classification === undefined ||
    when.classification.some(
      (kind) => (spec.security?.dataClassification as string[] | undefined)?.includes(kind) === true,
    ))

/** Resolves the packs for one plugin: of several values of a key the strictest wins, and the others are kept. */
export function policySnapshot(packs: readonly PolicyPack[], spec: PluginSpec): PolicySnapshot {
  const candidates = packs.flatMap((pack) =>
    pack.rules
      .filter((rule) => holds(rule.when, spec))
      .flatMap((rule) =>
        rule.set.map(({ key, bound, value, line }) => ({
          key,
          bound,
          source: { pack: `${pack.pack}@${pack.version}`, rule: rule.id, line, reason: rule.reason, value },
        })),
      ),
  )
  const byKey = Object.groupBy(candidates, ({ key }) => key)
  return {
    snapshotVersion: 1,
    packs: packs.map(({ pack, version, released, digest }) => ({ pack, version, released, digest })),
    values: Object.fromEntries(
      Object.entries(byKey).map(([key, group = []]) => {
        const bound = POLICY_KEYS[key] ?? 'min'
        const [winner, ...overridden] = group
          .map(({ source }) => source)
          .toSorted((a, b) => (bound === 'min' ? b.value - a.value : a.value - b.value))
        return [key, { ...(winner as PolicySource), bound, overridden }]
      }),
    ),
  }
}
