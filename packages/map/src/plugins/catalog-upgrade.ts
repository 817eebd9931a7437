import semver from 'semver'
import { isObject, TenonError, type Json, type JsonObject } from '@tenon/contract'
import { INPUT_TYPES } from '@tenon/contract/schema'
import { CATALOG_VERSION } from '../versions.ts'

/** What a `plugin.json` for one version of the catalogue becomes for a later one. */
export type CatalogMigration = {
  from: string
  to: string
  /** The manifest as it is to be, or what in it cannot be brought over. */
  transform(manifest: JsonObject): { manifest: JsonObject } | { offending: string[] }
}

/** All steps that there are: the first version of the catalogue is the present one. */
const CATALOG_MIGRATIONS: readonly CatalogMigration[] = []

/** The manifest for the present catalogue, and the versions that it went through; no steps when it is for that already. */
export type CatalogUpgrade = { manifest: JsonObject; steps: string[] }

type Steps = { migrations?: readonly CatalogMigration[]; version?: string }

/** Throws UPGRADE_IMPOSSIBLE, naming what stands in the way. */
export function upgradeForCatalog(
  manifest: JsonObject,
  { migrations = CATALOG_MIGRATIONS, version = CATALOG_VERSION }: Steps = {},
): CatalogUpgrade {
  const range = rangeOf(manifest)
  if (range === undefined || semver.satisfies(version, range, { includePrerelease: true }))
    return { manifest, steps: [] }
  const first = migrations.find(({ from }) => semver.satisfies(from, range, { includePrerelease: true }))
  let upgrade: CatalogUpgrade & { at?: string } = { manifest, steps: [], ...(first && { at: first.from }) }
  while (upgrade.at !== version) {
    const step = migrations.find(({ from }) => from === upgrade.at)
    if (step === undefined)
      throw impossible(manifest, `no step leads from "${range}" to ${version}`, unknownInputs(manifest))
    const done = step.transform(upgrade.manifest)
    if ('offending' in done) throw impossible(manifest, `the step to ${step.to} cannot take it along`, done.offending)
    upgrade = { manifest: done.manifest, steps: [...upgrade.steps, step.to], at: step.to }
  }
  return { manifest: { ...upgrade.manifest, catalogCompat: `^${version}` }, steps: upgrade.steps }
}

function rangeOf({ catalogCompat }: JsonObject): string | undefined {
  if (typeof catalogCompat === 'string' && semver.validRange(catalogCompat) !== null) return catalogCompat
  if (catalogCompat === undefined) return undefined
  throw new TenonError('UPGRADE_IMPOSSIBLE', `catalogCompat ${JSON.stringify(catalogCompat)} is no range of versions`, {
    hint: 'Correct it first.',
  })
}

/** Settings whose type the present catalogue does not have. */
const unknownInputs = ({ settings }: JsonObject): string[] =>
  Object.entries(isObject(settings) ? settings : {}).flatMap(([id, declaration]) => {
    const type = isObject(declaration) ? (declaration['type'] ?? null) : null
    return INPUT_TYPES.some((known) => known === type) ? [] : [`the input type ${JSON.stringify(type)} of "${id}"`]
  })

const impossible = ({ id }: JsonObject, why: string, offending: readonly string[]): TenonError =>
  new TenonError('UPGRADE_IMPOSSIBLE', `${named(id)}: ${[why, ...offending].join('; ')}`, {
    hint: 'Compare with "sm plugins contracts list", change the plugin by hand, and raise its catalogCompat.',
    details: { offending },
  })

const named = (id: Json | undefined): string => (typeof id === 'string' ? id : 'the plugin')
