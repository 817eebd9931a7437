import { expect, test } from 'vitest'
import { policySnapshot, readPack, type Policies, type PolicyPack } from '@tenon/authoring'
import type { PluginSpec } from '@tenon/contract'
import { POLICY_KEYS, type PolicyKey } from '@tenon/contract/schema'
import { simulatedWorld } from '@tenon/testkit'

const CASES = 150
/** Replay one case with TENON_SEED=<the seed that a failure names>. */
const replay = process.env['TENON_SEED']
const first = replay === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(replay)
const seeds = Array.from({ length: replay === undefined ? CASES : 1 }, (_, at) => first + at)

type Random = () => number
type Rule = {
  id: string
  when?: Record<string, string[]>
  set: Record<string, Record<string, unknown>>
  lock?: boolean
}
type Pack = { pack: string; rules: Rule[] }
type Snapshot = ReturnType<typeof policySnapshot>

const KEYS = Object.keys(POLICY_KEYS) as PolicyKey[]
/** In their order, as whatever reads a document puts them. */
const ITEMS: Partial<Record<PolicyKey, string[]>> = {
  'capabilities.denied': ['config:read', 'env:read:A', 'storage:kv'],
  'isolation.requires': ['cpu', 'fs', 'net'],
  'runtimes.allowed': ['map', 'node', 'python'],
}
const pick = <T>(items: readonly T[], random: Random): T => items[Math.floor(random() * items.length)] as T
const some = <T>(items: readonly T[], random: Random): T[] => items.filter(() => random() < 0.5)
const shuffled = <T>(items: readonly T[], random: Random): T[] =>
  items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
const itemsOf = (key: PolicyKey): string[] => ITEMS[key] ?? ['a', 'b', 'c']

function randomValue(key: PolicyKey, random: Random): unknown {
  const { direction } = POLICY_KEYS[key]
  if (direction === 'min' || direction === 'max') return Math.floor(random() * 6)
  return direction === 'deny-wins' ? random() < 0.5 : some(itemsOf(key), random)
}

function randomRule(id: string, random: Random): Rule {
  const keys = [pick(KEYS, random), ...some(KEYS, random).slice(0, 3)]
  const when: Record<string, string[]> = {
    ...(random() < 0.3 ? { traits: ['handles_pii'] } : {}),
    ...(random() < 0.3 ? { classification: ['pii', 'phi'] } : {}),
    ...(random() < 0.3 ? { runtime: ['node'] } : {}),
    ...(random() < 0.3 ? { plugins: ['demo'] } : {}),
  }
  const set = Object.fromEntries(keys.map((key) => [key, { [POLICY_KEYS[key].direction]: randomValue(key, random) }]))
  return { id, ...(Object.keys(when).length === 0 ? {} : { when }), set, ...(random() < 0.2 ? { lock: true } : {}) }
}

const randomPacks = (random: Random): Pack[] =>
  ['p', 'q', 'r'].map((pack) => ({
    pack,
    rules: Array.from({ length: Math.floor(random() * 4) }, (_, at) => randomRule(`r${at}`, random)),
  }))

const randomSpec = (random: Random): PluginSpec => ({
  specVersion: 1,
  id: pick(['demo', 'other'], random),
  name: 'Demo',
  version: '1.0.0',
  runtime: random() < 0.5 ? { kind: 'node', entry: 'a.ts' } : { kind: 'remote', endpoints: {} },
  ...(random() < 0.5 ? { traits: ['handles_pii'] } : {}),
  security: { authenticationRequired: true, dataClassification: [pick(['pii', 'public'] as const, random)] },
})

/** Packs as a repository has them; JSON is YAML, too. */
const read = (packs: readonly Pack[]): PolicyPack[] =>
  packs.map(({ pack, rules }) => {
    const told = rules.map((rule) => ({ ...rule, reason: 'a', owner: 'b' }))
    const text = JSON.stringify({ pack, version: '1.0.0', released: '2026-01-01', rules: told })
    const { pack: found, problems } = readPack(text, `policies/${pack}`)
    if (found === undefined) throw new Error(JSON.stringify(problems))
    return found
  })

const policies = (packs: readonly Pack[]): Policies => ({ packs: read(packs), waivers: [] })
const valuesOf = ({ values }: Snapshot): [PolicyKey, unknown][] =>
  KEYS.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key].value]]))

/** What applies to the plugin, straight from the words of the documents. */
const applies = ({ when = {} }: Rule, spec: PluginSpec): boolean =>
  (when['plugins'] === undefined || spec.id === 'demo') &&
  (when['runtime'] === undefined || spec.runtime.kind === 'node') &&
  (when['traits'] === undefined || spec.traits !== undefined) &&
  (when['classification'] === undefined || spec.security?.dataClassification.includes('pii') === true)

/** Whether a value obeys one rule: the meaning of each direction, for a single pair of values. */
function obeys(key: PolicyKey, value: unknown, set: unknown): boolean {
  const [items, wanted] = [value as string[], set as string[]]
  switch (POLICY_KEYS[key].direction) {
    case 'min':
      return Number(value) >= Number(set)
    case 'max':
      return Number(value) <= Number(set)
    case 'deny-wins':
      return value === false || set === true
    case 'union':
      return wanted.every((item) => items.includes(item))
    default:
      return items.every((item) => wanted.includes(item))
  }
}

/** Every value there could be: the one that is meant obeys all rules, and is obeyed by every other that does. */
function slowly(key: PolicyKey, packs: readonly Pack[], spec: PluginSpec): unknown {
  const { direction } = POLICY_KEYS[key]
  const rules = packs.flatMap(({ rules: all }) => all).filter((rule) => applies(rule, spec))
  const wanted = rules.flatMap(({ set }) => (set[key] === undefined ? [] : [set[key][direction]]))
  if (wanted.length === 0) return undefined
  const isNumber = direction === 'min' || direction === 'max'
  const candidates = isNumber ? [0, 1, 2, 3, 4, 5] : direction === 'deny-wins' ? [true, false] : subsets(itemsOf(key))
  const obedient = candidates.filter((value) => wanted.every((set) => obeys(key, value, set)))
  return obedient.find((value) => obedient.every((other) => obeys(key, other, value)))
}

const subsets = (items: readonly string[]): string[][] =>
  items
    .reduce<string[][]>((all, item) => [...all, ...all.map((one) => [...one, item])], [[]])
    .map((one) => one.toSorted())

const randomFrom = (seed: number): Random => {
  const world = simulatedWorld(seed)
  return () => Buffer.from(world.random(4)).readUInt32LE() / 2 ** 32
}

console.info(`seeds from ${first}`)

test('values are what a slow search finds, and depend on no order of packs, rules and lists', () => {
  for (const seed of seeds) {
    const random = randomFrom(seed)
    const packs = randomPacks(random)
    const spec = randomSpec(random)
    const snapshot = policySnapshot(policies(packs), spec)
    const slow = KEYS.flatMap((key) => {
      const value = slowly(key, packs, spec)
      return value === undefined ? [] : [[key, value]]
    })
    expect([seed, valuesOf(snapshot)]).toEqual([seed, slow])
    const turned = shuffled(packs, random)
    expect([seed, policySnapshot(policies(turned), spec)]).toEqual([seed, snapshot])
    const mixed = packs.map((pack) => ({ ...pack, rules: shuffled(pack.rules, random) }))
    expect([seed, placeless(policySnapshot(policies(mixed), spec))]).toEqual([seed, placeless(snapshot)])
  }
})

/** Without what tells of the text of the packs: their digests, and lines. */
const placeless = ({ values }: Snapshot): unknown =>
  JSON.parse(JSON.stringify(values, (name, value: unknown) => (name === 'line' ? 0 : value)))

test('the winners of a key make it what it is, and the losers change nothing', () => {
  for (const seed of seeds) {
    const random = randomFrom(seed)
    const packs = randomPacks(random)
    const spec = randomSpec(random)
    for (const [key, outcome] of Object.entries(policySnapshot(policies(packs), spec).values)) {
      const won = outcome.winners.map(({ pack, rule }) => `${pack} ${rule}`)
      const kept = packs.map((pack) => ({
        ...pack,
        rules: pack.rules.filter(({ id }) => won.includes(`${pack.pack}@1.0.0 ${id}`)),
      }))
      const again = policySnapshot(policies(kept), spec).values[key as PolicyKey]
      expect([seed, key, again?.value, again?.losers]).toEqual([seed, key, outcome.value, []])
      const { direction } = POLICY_KEYS[key as PolicyKey]
      if (!['union', 'intersection'].includes(direction)) expect([seed, key, won.length]).toEqual([seed, key, 1])
    }
  }
})

test('a rule more never loosens a value', () => {
  let changed = 0
  for (const seed of seeds) {
    const random = randomFrom(seed)
    const packs = randomPacks(random)
    const spec = randomSpec(random)
    const before = valuesOf(policySnapshot(policies(packs), spec))
    const more = { pack: 's', rules: [randomRule('more', random)] }
    const after = new Map(valuesOf(policySnapshot(policies([...packs, more]), spec)))
    for (const [key, value] of before) {
      expect([seed, key, obeys(key, after.get(key), value)]).toEqual([seed, key, true])
      if (!obeys(key, value, after.get(key))) changed += 1
    }
  }
  if (replay === undefined) expect(changed).toBeGreaterThan(5)
})

test('a waiver is in force exactly when it loosens, and then loosens no locked rule and no other key', () => {
  const seen = { inForce: 0, refused: 0 }
  for (const seed of seeds) {
    const random = randomFrom(seed)
    const packs = randomPacks(random)
    const spec = randomSpec(random)
    const key = pick(KEYS, random)
    const value = randomValue(key, random)
    const strict = policySnapshot(policies(packs), spec)
    const loose = policySnapshot({ ...policies(packs), waivers: [waiverOf(key, value, spec.id)] }, spec)
    const [before, after] = [strict.values[key], loose.values[key]]
    if (after?.waiver === undefined) {
      seen.refused += 1
      expect([seed, loose.values]).toEqual([seed, strict.values])
      continue
    }
    seen.inForce += 1
    expect([seed, obeys(key, before?.value, after.value), obeys(key, after.value, before?.value)]).toEqual([
      seed,
      true,
      false,
    ])
    for (const { locked, value: set } of after.losers)
      expect([seed, locked && !obeys(key, after.value, set)]).toEqual([seed, false])
    const others = ({ values }: Snapshot) => Object.entries(values).filter(([name]) => name !== key)
    expect([seed, others(loose)]).toEqual([seed, others(strict)])
  }
  if (replay === undefined) for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5)
})

const waiverOf = (key: PolicyKey, value: unknown, plugin: string): Policies['waivers'][number] => ({
  file: 'w.yaml',
  plugin,
  key,
  set: { [key]: { value, line: 1 } },
  approver: 'ada',
  reason: 'a',
  expires: '2026-01-01',
  lines: { plugin: 1, key: 1, value: 1, approver: 1, expires: 1 },
})
