import { writeSync } from 'node:fs'
import { openMapStore, type Scan } from '@tenon/map'
import { wallWorld } from '@tenon/testkit'
import { largeScan } from './synthetic-scan.ts'

/** Keeps a scan of so many nodes, and stands still before it is committed when told to. */
const [path = '', count = '', how = ''] = process.argv.slice(2)
const scan = largeScan(Number(count), 2)
const store = openMapStore(path, wallWorld())
store.persist(how === 'stand-still' ? standingStill(scan) : scan)
store.close()
process.stdout.write('kept\n')

/** By the time contributions are asked for, everything before them is written. */
function standingStill(still: Scan): Scan {
  const [[node, [first]] = ['', []], ...rest] = still.contributions
  const trap = {
    ...first,
    get payload(): never {
      writeSync(1, 'in the middle\n')
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    },
  }
  return { ...still, contributions: new Map([[node, [trap as never]], ...rest]) }
}
