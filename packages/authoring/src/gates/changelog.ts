import type { Problem } from '@tenon/contract'
import type { Checked, Subject } from './gate.ts'
import { missing } from '../folder/plugin-folder.ts'

const CHANGELOG = 'CHANGELOG.md'

/** The changelog tells what the spec's version brings. */
export function checkChangelog({ spec: { version }, folder }: Subject): Checked {
  const text = folder.text(CHANGELOG)
  if (text === undefined) return { checked: 1, problems: [missing(CHANGELOG)] }
  const sections = text.split(/^(?=#)/m)
  const section = sections.find((one) => headingVersion(one) === version)
  const isTold = section
    ?.split('\n')
    .slice(1)
    .some((line) => line.trim() !== '')
  return { checked: 1, problems: isTold === true ? [] : [untold(version, section === undefined)] }
}

/** Whether a changelog has a section for a version, which need not say anything. */
export const hasSection = (text: string, version: string): boolean =>
  text.split(/^(?=#)/m).some((section) => headingVersion(section) === version)

/** The version in a heading such as `## 1.0.0`, `## [1.0.0] - 2026-01-31` or `## v1.0.0`. */
const headingVersion = (section: string): string | undefined => /^#+\s+\[?v?([^\s\]]+)/.exec(section)?.[1]

const untold = (version: string, isAbsent: boolean): Problem => ({
  pointer: '',
  file: CHANGELOG,
  code: 'CHANGELOG_SECTION',
  message: isAbsent ? `there is no section for ${version}` : `the section for ${version} says nothing`,
  hint: `Write "## ${version}" and below it what a user notices.`,
})
