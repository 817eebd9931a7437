import { pointerTo, type CatalogDocument, type CatalogRelease, type Json, type Problem } from '@tenon/contract'
import { catalogSchema, readAs, scenariosSchema, validatorOf } from '@tenon/contract/schema'
import type { Static } from 'typebox'
import type { Catalog, Release, Requirement } from './catalog.ts'
import type { ResolveRequest } from './request.ts'
import { resolve } from './resolve.ts'
import { isVersion } from './version.ts'

export type ScenariosDocument = Static<typeof scenariosSchema>

/** `warnings` is there only when an optional dependency was left out. */
export type CatalogAnswer =
  | { ok: Record<string, string>; warnings?: string[] }
  | { unsat: true; message: string; fixes: string[] }

export type CatalogReading = { value: CatalogDocument | ScenariosDocument | undefined; problems: Problem[] }

const catalogValidator = validatorOf(catalogSchema)
const scenariosValidator = validatorOf(scenariosSchema)

/** Reads what `tenon resolve` solves, and reports every problem with its line. */
export function readCatalog(text: string): CatalogReading {
  const scenarios = readAs(text, scenariosValidator)
  const reading = hasScenarios(scenarios.document.value) ? scenarios : readAs(text, catalogValidator)
  if (reading.value === undefined) return { value: undefined, problems: reading.problems }
  const problems = isScenarios(reading.value) ? scenarioProblems(reading.value) : versionProblems(reading.value, '')
  for (const problem of problems) problem.line = reading.document.lineOf(problem.pointer)
  return { value: problems.length === 0 ? reading.value : undefined, problems }
}

/** Solves a document that `readCatalog` has passed; of scenarios, each by its name. */
export async function answerCatalog(
  document: CatalogDocument | ScenariosDocument,
): Promise<CatalogAnswer | Record<string, CatalogAnswer>> {
  if (!isScenarios(document)) return answerOne(document)
  const answers: [string, CatalogAnswer][] = []
  for (const scenario of document.scenarios) answers.push([scenario.name, await answerOne(scenario)])
  return Object.fromEntries(answers)
}

/** The packages of a document as a catalog. Its ids are taken as they are: `@scope/name` is one, too. */
export function catalogFromDocument(packages: CatalogDocument['packages']): Catalog {
  const known = new Map(Object.entries(packages))
  return {
    releases: async (id) =>
      Object.entries(known.get(id) ?? {}).map(([version, release]) => releaseFrom(version, release)),
  }
}

async function answerOne(document: CatalogDocument): Promise<CatalogAnswer> {
  const resolution = await resolve(catalogFromDocument(document.packages), requestFrom(document))
  if (!resolution.ok) return { unsat: true, message: resolution.message, fixes: resolution.fixes }
  const ok = Object.fromEntries(Object.entries(resolution.plugins).map(([id, { version }]) => [id, version]))
  return resolution.warnings.length === 0 ? { ok } : { ok, warnings: resolution.warnings }
}

const requestFrom = ({ root, runtime, locked, lockMode }: CatalogDocument): ResolveRequest => ({
  deps: requirementsFrom(root.deps),
  optionalDeps: requirementsFrom(root.optionalDeps),
  ...(runtime === undefined ? {} : { runtime }),
  ...(locked === undefined ? {} : { locked }),
  ...(lockMode === undefined ? {} : { lockMode }),
})

const releaseFrom = (version: string, release: CatalogRelease): Release => ({
  version,
  deps: requirementsFrom(release.deps),
  optionalDeps: requirementsFrom(release.optionalDeps),
  ifPresent: requirementsFrom(release.ifPresent),
  conflicts: requirementsFrom(release.conflicts),
  engines: release.engines ?? {},
  yanked: release.yanked ?? false,
})

const requirementsFrom = (ranges: Record<string, string> = {}): Requirement[] =>
  Object.entries(ranges).map(([id, range]) => ({ id, range }))

const hasScenarios = (value: Json | undefined): boolean =>
  value !== null && typeof value === 'object' && 'scenarios' in value

const isScenarios = (document: CatalogDocument | ScenariosDocument): document is ScenariosDocument =>
  'scenarios' in document

function scenarioProblems({ scenarios }: ScenariosDocument): Problem[] {
  const names = scenarios.map((scenario) => scenario.name)
  return scenarios.flatMap((scenario, at) => [
    ...(names.indexOf(scenario.name) < at
      ? [{ pointer: `/scenarios/${at}/name`, code: 'CATALOG_NAME_TWICE', message: `"${scenario.name}" is used twice` }]
      : []),
    ...versionProblems(scenario, `/scenarios/${at}`),
  ])
}

const versionProblems = ({ packages }: CatalogDocument, parent: string): Problem[] =>
  Object.entries(packages).flatMap(([id, releases]) =>
    Object.keys(releases)
      .filter((version) => !isVersion(version))
      .map((version) => ({
        pointer: pointerTo(pointerTo(`${parent}/packages`, id), version),
        code: 'CATALOG_VERSION',
        message: `"${version}" is no version`,
        hint: 'Write major.minor.patch, as SemVer 2.0 has it.',
      })),
  )
