import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtInPlugins, openMapStore, type ExtensionSource } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { describe, expect, test } from 'vitest'
import { mapPlace } from '../src/commands/map/place.ts'
import { keepScan, type ScanWish } from '../src/compose/keep-scan.ts'
import type { MapGround } from '../src/compose/map-ground.ts'

/** An extractor that lets something else happen while it looks. */
const lookingWhile = (happens: () => Promise<void>): ExtensionSource => ({
  plugin: { id: 'p', version: '1.0.0', granularity: 'bundle' },
  module: {
    default: {
      ...{ id: 'looks', kind: 'extractor', version: '1.0.0', emitsLinkKinds: ['mentions'], defaultConfidence: 'low' },
      extract: happens,
    },
  },
})

/** A map of two files, kept. */
async function keptMap() {
  const cwd = temporaryFolder()
  const world = { ...simulatedWorld(1, { cwd }), now: () => Date.now() + 60_000 }
  const place = mapPlace(world, { global: false })
  const silent = () => undefined
  const tell = { setting: silent, secret: silent, plugin: silent, extension: silent }
  const ground: MapGround = { world, place, home: cwd, switchesDb: place.db, tell }
  const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text)
  const scan = async (wish: ScanWish, happens: () => Promise<void> = async () => undefined) => {
    const open = async () => ({ plugins: [], extensions: [], [Symbol.asyncDispose]: async () => undefined })
    const builtIns = [...builtInPlugins, lookingWhile(happens)]
    const { result } = await keepScan(ground, { builtIns, open }, wish, () => ['.'])
    return result
  }
  write('a.md', 'a')
  write('b.md', 'b')
  await scan({})
  const held = () => {
    using store = openMapStore(place.db, world)
    return store.readScan()
  }
  return { write, scan, held }
}

describe('a scan that reads no more than it needs of the one before', () => {
  test('finds and keeps what one that reads all would', async () => {
    const { write, scan, held } = await keptMap()
    write('a.md', '[b](b.md)')
    const { stats } = await scan({ changed: true, isBrief: true })
    expect(held()?.links).toMatchObject([{ source: 'a.md', target: 'b.md' }])
    expect(held()?.stats).toEqual(stats)
  })

  test.each<[string, ScanWish]>([
    ['keeps nothing that is mixed of', {}],
    ['dry, tells nothing that is mixed of', { dryRun: true }],
  ])('%s two scans where another program keeps one meanwhile', async (_, wish) => {
    const { write, scan, held } = await keptMap()
    write('a.md', 'A')
    let looks = 0
    const result = await scan({ changed: true, isBrief: true, ...wish }, async () => {
      looks += 1
      if (looks > 1) return
      write('c.md', '[a](a.md)')
      await scan({ changed: true })
    })
    expect([result.stats.nodesCount, result.stats.linksCount]).toEqual([3, 1])
    expect(held()?.nodes.map(({ path, linksInCount }) => [path, linksInCount])).toEqual([
      ['a.md', 1],
      ['b.md', 0],
      ['c.md', 0],
    ])
  })

  test('fails as it does where nobody else keeps one', async () => {
    const { scan, write, held } = await keptMap()
    write('.skillmapignore', '*.md')
    await expect(scan({ changed: true, isBrief: true })).rejects.toMatchObject({ code: 'SCAN_EMPTY' })
    expect(held()?.nodes).toHaveLength(2)
  })
})
