import type { Problem } from '@tenon/contract'
import type { Change } from '@tenon/compat'
import { compareVersions } from '@tenon/resolver'
import { readAssertions } from '../contract/assertions.ts'
import { changeLine, diffContracts, type ContractDiff } from '../contract/contract-diff.ts'
import { readContract } from '../contract/plugin-contract.ts'
import { lineOf, relevantVersions, type Release } from '../contract/releases.ts'
import { specOf } from '../folder/plugin-folder.ts'
import { specProblem } from '../folder/spec-problem.ts'
import type { Checked, Subject } from './gate.ts'

/** The version promises no more than it keeps, compared with what was released before it. */
export function checkCompatibility(subject: Subject): Checked {
  const { spec, releases } = subject
  const asserted = readAssertions(subject.folder).problems
  const relevant = relevantVersions(
    releases.map(({ version }) => version),
    spec.version,
  )
  const compared = releases.filter(({ version }) => relevant.includes(version))
  const problems = compared.toReversed().flatMap((release) => releaseProblems(subject, release))
  return {
    checked: compared.length,
    problems: [...asserted, ...withoutRepeats(problems)],
    ...(compared.length === 0 ? { idle: 'nothing was released' } : {}),
  }
}

/** A contract that cannot be read is told of by the gates of its files. */
function releaseProblems(subject: Subject, release: Release): Problem[] {
  const { spec, folder } = subject
  const old = specOf(release.folder)
  const unreadable = old.spec === undefined ? old.problems : readContract(old.spec, release.folder).problems
  if (old.spec === undefined || unreadable.length > 0) return [unread(subject, release, unreadable)]
  if (compareVersions(spec.version, release.version) < 0) return laterRelease(subject, release)
  if (readContract(spec, folder).contract === undefined) return []
  const diff = diffContracts({ spec: old.spec, folder: release.folder }, { spec, folder })
  const isEnough = diff.changes.length === 0 ? true : compareVersions(spec.version, diff.least) >= 0
  return isEnough ? [] : deciding(diff).map((change) => tooSmall(subject, diff, change))
}

/** The changes for whose sake the version has to be as high. */
const deciding = ({ changes, bump }: ContractDiff): Change[] =>
  bump === 'major' ? changes.filter(({ verdict }) => verdict !== 'compatible') : changes

const tooSmall = ({ spec, folder }: Subject, { from, least }: ContractDiff, change: Change): Problem =>
  specProblem(
    folder,
    ['version'],
    'VERSION_TOO_SMALL',
    `${spec.version} is too small after ${from}: ${changeLine(change)}`,
    `At least ${least} may follow: run "tenon plugin bump ${spec.id}".`,
  )

/** Of another line a later release does not matter: an older one may be mended. */
function laterRelease({ spec, folder }: Subject, { version }: Release): Problem[] {
  if (lineOf(version) !== lineOf(spec.version)) return []
  const message = `${spec.version} is too small: ${version} was released already`
  return [specProblem(folder, ['version'], 'VERSION_TOO_SMALL', message, `Run "tenon plugin bump ${spec.id}".`)]
}

function unread({ spec, folder }: Subject, { version }: Release, [first]: readonly Problem[]): Problem {
  const message = `the release ${version} cannot be compared: ${first?.file} ${first?.message}`
  const hint = `Look at it with "git show plugin/${spec.id}/v${version}".`
  return specProblem(folder, ['version'], 'RELEASE_UNREADABLE', message, hint)
}

/** What several releases say alike is said of the newest. */
const withoutRepeats = (problems: readonly Problem[]): Problem[] => {
  const said = new Map<string, Problem>()
  for (const problem of problems) {
    const key = problem.message.replace(/ after \S+:/, ' after:')
    if (!said.has(key)) said.set(key, problem)
  }
  return [...said.values()]
}
