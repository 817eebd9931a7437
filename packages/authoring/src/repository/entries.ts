import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isPart } from '../folder/plugin-folder.ts'

/** Paths in a plugin's folder, sorted: its folders, its files, and what is neither. */
export type Listing = { folders: string[]; files: string[]; irregular: string[] }

/**
 * What lies in a folder, and the marks by which each entry is known to be the one that was seen: size, time of change in
 * milliseconds, inode. They follow the folders, files and others of the listing, which is kept as text, since many
 * plugins have the same.
 */
export type Entries = { listing: string; marks: Float64Array }

const MARKS = 3
/** A file that was written to a moment ago may be written to again without its time of change showing it. */
const SETTLED_MS = 100

export function listEntries(root: string, now: number): Entries {
  const listing: Listing = { folders: [''], files: [], irregular: [] }
  for (const folder of listing.folders) {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (!isPart(entry.name)) continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      const kind = entry.isDirectory() ? 'folders' : entry.isFile() ? 'files' : 'irregular'
      listing[kind].push(path)
    }
  }
  for (const paths of Object.values(listing)) paths.sort()
  return { listing: JSON.stringify(listing), marks: marksOf(root, listing, now) }
}

function marksOf(root: string, listing: Listing, now: number): Float64Array {
  const paths = pathsOf(listing)
  const marks = new Float64Array(paths.length * MARKS)
  for (const [index, path] of paths.entries()) {
    const stat = lstatSync(join(root, path), { throwIfNoEntry: false })
    const isSettled = stat !== undefined && stat.ctimeMs < now - SETTLED_MS
    marks.set(isSettled ? [stat.size, stat.ctimeMs, stat.ino] : [NaN, NaN, NaN], index * MARKS)
  }
  return marks
}

const pathsOf = ({ folders, files, irregular }: Listing): string[] => [...folders, ...files, ...irregular]

/** Whether a folder holds just what it held then. Nothing is read; a folder to which nothing was added is not listed. */
export function isAsSeen(root: string, listing: Listing, marks: Float64Array): boolean {
  let at = 0
  for (const path of pathsOf(listing)) {
    const stat = lstatSync(path === '' ? root : `${root}/${path}`, { throwIfNoEntry: false })
    if (stat === undefined || stat.size !== marks[at] || stat.ctimeMs !== marks[at + 1] || stat.ino !== marks[at + 2])
      return false
    at += MARKS
  }
  return at === marks.length
}
