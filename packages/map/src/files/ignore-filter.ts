import ignore from 'ignore'
import { limits } from '@tenon/contract'

/** What no scan looks into, unless `.skillmapignore` takes it back. */
export const DEFAULT_RULES = [
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

/** gitignore rules, each layer able to take back what an earlier one left out. Those that are too long count for nothing. */
export function ignoreFilter(configured: readonly string[], ignoreFile: string): IgnoreFilter {
  // A file or folder may be called "..." and is no way out.
  const rules = ignore({ allowRelativePaths: true }).add(DEFAULT_RULES)
  rules.add([...configured, ...linesOf(ignoreFile)].filter(isUsable))
  return (path) => rules.ignores(path)
}

/** Whether every rule of an ignore file counts. */
export const isUsableIgnoreFile = (text: string): boolean => linesOf(text).every(isUsable)

const linesOf = (text: string): string[] => text.split(/\r?\n/)

/** A rule that is longer than a path can be makes no regular expression that can be had. */
const isUsable = (rule: string): boolean => rule.length <= limits.ignoreRuleChars
