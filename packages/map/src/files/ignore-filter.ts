import ignore from 'ignore'

/** What no scan looks into, unless `.skillmapignore` takes it back. */
const DEFAULTS = [
  '.git/',
  'node_modules/',
  'dist/',
  'build/',
  'out/',
  '.next/',
  '.cache/',
  '.tmp/',
  '.skill-map/',
  '.DS_Store',
  'Thumbs.db',
  '*.swp',
  '*~',
  '*.log',
]

export const IGNORE_FILE = '.skillmapignore'

/** Whether a path relative to the root, a folder's with a final slash, is left out. */
export type IgnoreFilter = (path: string) => boolean

/** gitignore rules, each layer able to take back what an earlier one left out. */
export function ignoreFilter(configured: readonly string[], ignoreFile: string): IgnoreFilter {
  const rules = ignore().add(DEFAULTS).add(configured).add(ignoreFile)
  return (path) => rules.ignores(path)
}
