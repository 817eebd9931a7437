import type { Change } from '@tenon/compat'
import { hasSection } from '../gates/changelog.ts'

/** A changelog with a section for a version, above those that are there. One that has it stays as it is. */
export function withSection(text: string | undefined, version: string, changes: readonly Change[]): string {
  const changelog = text ?? '# Changelog\n'
  if (hasSection(changelog, version)) return changelog
  const section = `## ${version}\n\n${linesOf(changes).join('\n')}\n`
  const first = changelog.search(/^## /m)
  if (first === -1) return `${changelog.trimEnd()}\n\n${section}`
  return `${changelog.slice(0, first)}${section}\n${changelog.slice(first)}`
}

const WORDS = { breaking: 'Breaking', unknown: 'Perhaps breaking', compatible: 'Changed' } as const

const linesOf = (changes: readonly Change[]): string[] =>
  changes.length === 0
    ? ['- The contract is as it was.']
    : changes.map(({ where, verdict, why }) => `- ${WORDS[verdict]}: \`${where}\`: ${why}.`)
