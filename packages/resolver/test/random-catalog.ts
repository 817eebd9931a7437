import type { CatalogDocument, CatalogRelease } from '@tenon/contract'

const IDS = ['a', 'b', 'c', 'd', 'e']
const VERSIONS = ['0.1.0', '1.0.0', '1.1.0', '2.0.0-rc.1', '2.0.0', '2.1.0']
const RANGES = [
  '*',
  '*',
  '^1',
  '^2',
  '>=1.1',
  '<2',
  '1.0.0',
  '~2.0.0',
  '^2.0.0-rc.1',
  '^0.1',
  '<1 || >=2.1',
  '^3',
  'soon',
]

/** A small catalog that is as likely to have a solution as not; the same for the same seed. */
export function randomCatalog(seed: number, { optional }: { optional: boolean }): CatalogDocument {
  const random = mulberry(seed)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
  const some = <T>(items: readonly T[], share: number): T[] => items.filter(() => random() < share)
  const ranges = (share: number): Record<string, string> =>
    Object.fromEntries(some([...IDS, ...some(['zz'], 0.1)], share).map((id) => [id, pick(RANGES)]))
  const release = (): CatalogRelease => ({
    deps: ranges(0.25),
    ...(optional ? { optionalDeps: ranges(0.2) } : {}),
    ifPresent: ranges(0.08),
    conflicts: ranges(0.05),
    engines: random() < 0.15 ? { tenon: pick(RANGES) } : {},
    yanked: random() < 0.1,
  })
  const packages = Object.fromEntries(
    IDS.map((id) => [id, Object.fromEntries(some(VERSIONS, 0.5).map((version) => [version, release()]))]),
  )
  return {
    root: { deps: ranges(0.4), ...(optional ? { optionalDeps: ranges(0.3) } : {}) },
    packages,
    ...(random() < 0.5 ? { runtime: { tenon: '1.1.0' } } : {}),
    locked: Object.fromEntries(some(IDS, 0.3).map((id) => [id, pick(VERSIONS)])),
    lockMode: pick(['prefer', 'prefer', 'pin'] as const),
  }
}

function mulberry(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
