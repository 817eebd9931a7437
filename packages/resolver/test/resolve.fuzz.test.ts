import type { CatalogDocument } from '@tenon/contract'
import { answerCatalog, catalogFromDocument, resolve, type CatalogAnswer, type Resolution } from '@tenon/resolver'
import semver from 'semver'
import { expect, test } from 'vitest'
import { allSolutions, closure, isSolution, type Choice } from './brute-force.ts'
import { randomCatalog } from './random-catalog.ts'

const CASES = 300
/** Replay one case with TENON_SEED=<the seed that a failure names>. */
const replay = process.env['TENON_SEED']
const first = replay === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(replay)
const seeds = Array.from({ length: replay === undefined ? CASES : 1 }, (_, at) => first + at)

async function forEachCatalog(
  options: { optional: boolean },
  claim: (document: CatalogDocument) => Promise<void>,
): Promise<void> {
  console.info(`seeds from ${first}`)
  for (const seed of seeds) {
    const document = randomCatalog(seed, options)
    await claim(document).catch((cause: unknown) => {
      throw new Error(`TENON_SEED=${seed} fails on ${JSON.stringify(document)}`, { cause })
    })
  }
}

test('solves exactly what trying everything solves, and never worse than it could', () =>
  forEachCatalog({ optional: false }, async (document) => {
    const solutions = allSolutions(document)
    const answer = (await answerCatalog(document)) as CatalogAnswer
    expect('ok' in answer).toBe(solutions.length > 0)
    if (!('ok' in answer)) return
    expect(isSolution(document, answer.ok)).toBe(true)
    expect(solutions.filter((other) => isBetter(document, other, answer.ok))).toEqual([])
  }))

test('gives the same answer however the document is ordered', () =>
  forEachCatalog({ optional: true }, async (document) => {
    expect(JSON.stringify(await answerCatalog(reversed(document)))).toBe(JSON.stringify(await answerCatalog(document)))
  }))

test('every fix works when it is followed', () =>
  forEachCatalog({ optional: false }, async (document) => {
    const answer = (await answerCatalog(document)) as CatalogAnswer
    if ('ok' in answer) return
    expect(answer.message).not.toMatch(/undefined|NaN|\[object/)
    for (const fix of answer.fixes)
      expect({ fix, works: allSolutions(followed(document, fix)).length > 0 }).toEqual({ fix, works: true })
  }))

test('optional dependencies are met one after another as far as they go, and never in the way', () =>
  forEachCatalog({ optional: true }, async (document) => {
    const resolution = await resolve(catalogFromDocument(document.packages), requestOf(document))
    const required = withoutOptional(document)
    expect(resolution.ok).toBe(allSolutions(required).length > 0)
    if (!resolution.ok) return
    expect(isSolution(asRequired(document, resolution), versionsOf(resolution))).toBe(true)
    for (const [id, range] of greedilyMet(required, document.root.optionalDeps ?? {}))
      expect(semver.satisfies(resolution.plugins[id]?.version ?? '', range)).toBe(true)
  }))

/** At least as good everywhere that both choose, and better somewhere. */
function isBetter(document: CatalogDocument, other: Choice, than: Choice): boolean {
  const shared = Object.keys(than).filter((id) => other[id] !== undefined)
  const gains = shared.map((id) => rank(document, id, than[id] ?? '') - rank(document, id, other[id] ?? ''))
  return gains.every((gain) => gain >= 0) && gains.some((gain) => gain > 0)
}

/** 0 is the most wanted: the locked version, then stable ones, newest first. */
function rank(document: CatalogDocument, id: string, version: string): number {
  if (document.locked?.[id] === version) return 0
  const versions = Object.keys(document.packages[id] ?? {}).sort(semver.rcompare)
  const stable = versions.filter((one) => semver.prerelease(one) === null)
  return 1 + [...stable, ...versions.filter((one) => !stable.includes(one))].indexOf(version)
}

const withoutOptional = (document: CatalogDocument): CatalogDocument => ({
  ...document,
  root: { deps: document.root.deps ?? {} },
  packages: mapped(document.packages, (releases) => mapped(releases, ({ optionalDeps: _dropped, ...rest }) => rest)),
})

/** The document as if the edges that were kept had been required from the start. */
function asRequired(document: CatalogDocument, { plugins }: Resolution & { ok: true }): CatalogDocument {
  const met = Object.entries(document.root.optionalDeps ?? {}).filter(([id, range]) =>
    semver.satisfies(plugins[id]?.version ?? '', range),
  )
  const deps = document.root.deps ?? {}
  const fromRoot = closure([...Object.keys(deps), ...met.map(([id]) => id)], (id) =>
    Object.keys(plugins[id]?.edges ?? {}),
  )
  expect([...fromRoot].toSorted()).toEqual(Object.keys(plugins))
  return {
    ...document,
    root: { deps: { ...Object.fromEntries(met.filter(([id]) => deps[id] === undefined)), ...deps } },
    packages: mapped(document.packages, (releases, id) =>
      mapped(releases, (release, version) =>
        plugins[id]?.version === version ? { ...release, deps: { ...plugins[id].edges, ...release.deps } } : release,
      ),
    ),
  }
}

/** The root's optional dependencies in order of id, each kept if something still solves all that are kept. */
function greedilyMet(document: CatalogDocument, optional: Record<string, string>): [string, string][] {
  const kept: [string, string][] = []
  for (const entry of Object.entries(optional).sort()) {
    const all = [...kept, entry].filter(([id]) => document.root.deps?.[id] === undefined)
    const trial = { ...document, root: { deps: { ...document.root.deps, ...Object.fromEntries(all) } } }
    const solutions = allSolutions(trial).filter((choice) =>
      [...kept, entry].every(([id, range]) => semver.satisfies(choice[id] ?? '', range)),
    )
    if (solutions.length > 0) kept.push(entry)
  }
  return kept
}

/** The document after somebody did what a fix says. */
function followed(document: CatalogDocument, fix: string): CatalogDocument {
  const [, use = '', range = ''] = /^use "(\w+)": "(.+)" in root$/.exec(fix) ?? []
  const [, removed = ''] = /^remove "(\w+)" from root$/.exec(fix) ?? []
  const [, unpinned = ''] = /^unpin "(\w+)"$/.exec(fix) ?? []
  const [, engine = '', version = ''] = /^run on (\w+) (.+)$/.exec(fix) ?? []
  const deps = Object.entries({ ...document.root.deps, ...(use === '' ? {} : { [use]: range }) })
  return {
    ...document,
    root: { deps: Object.fromEntries(deps.filter(([id]) => id !== removed)) },
    locked: Object.fromEntries(Object.entries(document.locked ?? {}).filter(([id]) => id !== unpinned)),
    ...(engine === '' ? {} : { runtime: { ...document.runtime, [engine]: version } }),
  }
}

const requestOf = ({ root, runtime, locked, lockMode }: CatalogDocument) => ({
  deps: Object.entries(root.deps ?? {}).map(([id, range]) => ({ id, range })),
  optionalDeps: Object.entries(root.optionalDeps ?? {}).map(([id, range]) => ({ id, range })),
  ...(runtime === undefined ? {} : { runtime }),
  ...(locked === undefined ? {} : { locked }),
  ...(lockMode === undefined ? {} : { lockMode }),
})

const versionsOf = ({ plugins }: Resolution & { ok: true }): Choice => mapped(plugins, ({ version }) => version)

const mapped = <T, U>(record: Record<string, T>, change: (value: T, key: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]))

function reversed<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, reversed(inner)])
  return Object.fromEntries(entries.toReversed()) as T
}
