import { join } from 'node:path'
import { writeAside } from '@tenon/bundle'
import { TenonError, type Disk } from '@tenon/contract'
import type { Change } from '@tenon/compat'
import { compareVersions, isVersion } from '@tenon/resolver'
import { derive } from '../derive/derive.ts'
import { readPluginFolder, requireSpec, SPEC, textAt } from '../folder/plugin-folder.ts'
import { withSection } from './changelog-section.ts'
import { diffContracts, type ContractDiff, type PluginVersion } from './contract-diff.ts'
import { relevantVersions, type Release } from './releases.ts'
import { withVersion } from './spec-version.ts'

/** `least` is the lowest version that may follow what was released; undefined when nothing was. */
export type Bumped = { from: string; to: string; least: string | undefined; changes: Change[]; written: string[] }

export type BumpOptions = { releases: readonly Release[]; to?: string | undefined }

/** Sets the lowest version that may follow every release that matters, or a higher one, and tells of it in the changelog. */
export async function bumpPlugin(
  disk: Disk,
  root: string,
  policies: string,
  { releases, to }: BumpOptions,
): Promise<Bumped> {
  const folder = await readPluginFolder(disk, root)
  const spec = requireSpec(folder)
  const diffs = relevantDiffs(releases, { spec, folder })
  const newest = diffs.at(-1)
  const least = diffs
    .map((diff) => diff.least)
    .toSorted(compareVersions)
    .at(-1)
  const version = chosen(spec.version, least, to)
  const changes = newest?.changes ?? []
  const none = { from: spec.version, to: version, least, changes, written: [] }
  if (version === spec.version && (least === undefined || compareVersions(version, least) > 0)) return none
  const changelog = withSection(folder.text('CHANGELOG.md'), version, changes)
  await writeAside(disk, join(root, 'CHANGELOG.md'), changelog)
  await writeAside(disk, join(root, SPEC), withVersion(textAt(folder, SPEC), version))
  return { ...none, written: [SPEC, 'CHANGELOG.md', ...(await derive(disk, root, policies))] }
}

function relevantDiffs(releases: readonly Release[], next: PluginVersion): ContractDiff[] {
  const versions = releases.map(({ version }) => version)
  const newest = versions.toSorted(compareVersions).at(-1) ?? next.spec.version
  const relevant = [...relevantVersions(versions, next.spec.version), ...relevantVersions(versions, newest)]
  return releases
    .filter(({ version }) => relevant.includes(version))
    .toSorted((a, b) => compareVersions(a.version, b.version))
    .map(({ folder }) => diffContracts({ spec: requireSpec(folder), folder }, next))
}

/** The version that is there stays when it may follow. */
function chosen(present: string, least: string | undefined, to: string | undefined): string {
  if (to === undefined) return least === undefined || compareVersions(present, least) >= 0 ? present : least
  if (!isVersion(to)) throw new TenonError('REFERENCE_INVALID', `"${to}" is no version`)
  const bound = least ?? present
  if (compareVersions(to, bound) >= 0) return to
  const why = least === undefined ? `it is ${present} already` : `at least ${least} may follow what was released`
  throw new TenonError('VERSION_TOO_SMALL', `${to} is too small: ${why}`, { hint: 'Run it without --to.' })
}
