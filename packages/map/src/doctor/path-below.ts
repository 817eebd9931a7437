import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { globMatcher } from '../query/glob.ts'

/** Whether a file or folder below a folder has a path that one of these patterns means. No link is followed. */
export function hasPathBelow(folder: string, patterns: readonly string[]): boolean {
  const matchers = patterns.map(globMatcher)
  return pathsBelow(folder, '').some((path) => matchers.some((matches) => matches(path)))
}

/** Nobody's own files are there, and many others'. */
const LEFT_OUT = ['.git', 'node_modules']

function* pathsBelow(root: string, folder: string): Generator<string, void> {
  for (const entry of entriesOf(join(root, folder))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    yield path
    if (entry.isDirectory() && !LEFT_OUT.includes(entry.name)) yield* pathsBelow(root, path)
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
