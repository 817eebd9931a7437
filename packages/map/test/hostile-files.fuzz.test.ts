import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openMapStore, scan, type ScanResult } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { scanFolder, writeFiles } from './folder-scan.ts'
import { hostileFiles } from './hostile-files.ts'

const CASES = 60
/** Replay one run with TENON_SEED=<the seed that a failure names>. */
const seed = Number(process.env['TENON_SEED'] ?? Date.now() % 2 ** 31)

const graphOf = ({ nodes, links, issues }: ScanResult) => ({ nodes, links, issues })

test('whatever files hold, a scan comes to one graph that fits its schema and is kept as it is', async () => {
  console.info(`seed ${seed}`)
  await fc.assert(
    fc.asyncProperty(hostileFiles, async (files) => {
      const folder = temporaryFolder()
      writeFiles(folder, Object.fromEntries(files.map(({ path, bytes }) => [path, bytes])))
      const first = await scanFolder({ folder, options: { tokens: true } })
      expect(first.errors).toEqual([])
      const again = await scanFolder({ folder, options: { tokens: true } })
      expect(graphOf(again.result)).toEqual(graphOf(first.result))
      using store = openMapStore(join(temporaryFolder(), 'map.db'), simulatedWorld(1))
      store.persist(first)
      expect(JSON.stringify(store.readScan())).toBe(JSON.stringify(first.result))
      const world = simulatedWorld(1, { cwd: folder })
      const warm = await scan({ roots: ['.'], world, options: { before: store.snapshot(), trust: 'stat' } })
      expect(graphOf(warm.result)).toEqual(graphOf(first.result))
      store.persist(warm)
      expect(JSON.stringify(store.readScan())).toBe(JSON.stringify(warm.result))
    }),
    { numRuns: CASES, seed },
  )
}, 60_000)
