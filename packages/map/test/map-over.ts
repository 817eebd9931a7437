import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { assert, type World } from '@tenon/contract'
import {
  builtInPlugins,
  openMapStore,
  scan,
  type ExtensionSource,
  type ScanEvent,
  type ScanOptions,
  type Trust,
} from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { writeFiles, type Files } from './folder-scan.ts'

/** Long after every file of a test was written, so that their times of change can be relied upon. */
export const LATER = Date.UTC(2100, 0, 1)

export const worldAt = (cwd: string): World => ({ ...simulatedWorld(1, { cwd }), now: () => LATER })

/** A map over a folder, kept from scan to scan. */
export function mapOver(files: Files) {
  const folder = temporaryFolder()
  writeFiles(folder, files)
  const world = worldAt(folder)
  const path = join(temporaryFolder(), 'map.db')
  const store = openMapStore(path, world)
  const runs = (): unknown[] => {
    const database = new DatabaseSync(path, { readOnly: true })
    const sql =
      'SELECT node_path AS nodePath, extractor_id AS extractorId, body_hash_at_run AS bodyHash FROM scan_extractor_runs'
    const rows = database.prepare(sql).all()
    database.close()
    return rows.map((row) => ({ ...row }))
  }
  const run = async (
    trust: Trust,
    extensions: readonly ExtensionSource[] = builtInPlugins,
    more: ScanOptions = {},
    reading: 'whole' | 'sparse' = 'whole',
  ) => {
    const events: ScanEvent[] = []
    const options = { tokens: false, isFollowed: true, onEvent: (event: ScanEvent) => void events.push(event), trust }
    const done = await scan({
      ...{ roots: ['.'], world, extensions },
      options: { before: store.snapshot(trust, reading), ...options, ...more, strandedPaths: store.strandedPaths },
    })
    const after = store.persist(done)
    const { carried } = done
    assert(carried !== undefined, 'a scan that is to be followed says what it leaves')
    const unread = events.flatMap(({ type, data }) => (type === 'scan.progress' && data.cached ? [data.path] : []))
    return { ...done, carried, unread, after }
  }
  return { folder, path, store, run, runs, write: (more: Files) => writeFiles(folder, more) }
}
