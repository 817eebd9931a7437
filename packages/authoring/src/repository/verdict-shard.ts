import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { Verdict } from './verdict.ts'

/** The verdicts on a part of a repository's plugins, by folder, and by which rules they were reached. */
export type Shard = { rules: string; verdicts: Map<string, Verdict> }

type Row = [folder: string, found: Omit<Verdict, 'entries'>, marks: number]

/** Rows by the listing that their folders have in common, and the marks of all of them, one after another. */
type Stored = { rules: string; rows: Map<string, Row[]>; marks: Float64Array }

/** What was kept by the same rules; nothing when there is none, or when it cannot be read: it can all be found anew. */
export function readShard(path: string, rules: string): Map<string, Verdict> {
  const kept = storedAt(path)
  if (kept?.rules !== rules) return new Map()
  const verdicts = new Map<string, Verdict>()
  let at = 0
  for (const [listing, rows] of kept.rows)
    for (const [folder, found, count] of rows)
      verdicts.set(folder, { ...found, entries: { listing, marks: kept.marks.subarray(at, (at += count)) } })
  return verdicts
}

function storedAt(path: string): Stored | undefined {
  try {
    return deserialize(readFileSync(path)) as Stored
  } catch {
    return undefined
  }
}

/** No right to write, no room, or a file where a folder belongs. */
const UNWRITABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EEXIST']

/** Replaces what was kept. Where nothing can be written, all of it is found anew the next time. */
export function writeShard(path: string, shard: Shard): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(join(dirname(path), '.gitignore'), '*\n')
    writeFileSync(`${path}.aside`, serialize(stored(shard)))
    renameSync(`${path}.aside`, path)
  } catch (thrown) {
    if (!UNWRITABLE.includes(Object(thrown).code)) throw thrown
  }
}

function stored({ rules, verdicts }: Shard): Stored {
  const marks = new Float64Array(verdicts.values().reduce((sum, { entries }) => sum + entries.marks.length, 0))
  let at = 0
  const rowOf = ([folder, { entries, ...found }]: [string, Verdict]): Row => {
    marks.set(entries.marks, at)
    at += entries.marks.length
    return [folder, found, entries.marks.length]
  }
  const groups = Map.groupBy(verdicts, ([, { entries }]) => entries.listing)
  return { rules, rows: new Map([...groups].map(([listing, some]) => [listing, some.map(rowOf)])), marks }
}
