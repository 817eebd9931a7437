import { jsonValue, type Json, type Problem } from '@tenon/contract'
import { validatorOf, type Validator } from '@tenon/contract/schema'
import { RESERVED_BLOCKS } from '../files/sidecar.ts'
import { dependences } from './dependence.ts'
import type { ExtensionSource } from './extension.ts'
import { inProcess, messageOf, type Described } from './in-process.ts'
import {
  actionManifestSchema,
  extractorManifestSchema,
  formatterManifestSchema,
  hookManifestSchema,
  providerManifestSchema,
  ruleManifestSchema,
  type ActionManifest,
  type Manifest,
} from './manifest-schema.ts'
import type { LoadedExtension, LoadFault } from './loaded-extension.ts'
import type { ActionRunner } from './runners.ts'
import { specValidator } from './spec-schemas.ts'

export type ExtensionReading = { loaded: LoadedExtension; fault?: never } | { loaded?: never; fault: LoadFault }

const manifests = {
  provider: validatorOf(providerManifestSchema),
  extractor: validatorOf(extractorManifestSchema),
  rule: validatorOf(ruleManifestSchema),
  action: validatorOf(actionManifestSchema),
  formatter: validatorOf(formatterManifestSchema),
  hook: validatorOf(hookManifestSchema),
} satisfies Record<string, Validator<Manifest>>

/** Checks an extension and gives it its qualified id. */
export function readExtension(source: ExtensionSource): ExtensionReading {
  const { plugin } = source
  const refuse = (status: LoadFault['status'], reason: string): ExtensionReading => ({
    fault: { pluginId: plugin.id, status, reason },
  })
  const described = describe(source)
  if (typeof described === 'string') return refuse('load-error', described)
  const { manifest, owner, dependsOn, runner } = described
  // An extension may say which plugin it is of; it cannot choose.
  if (owner !== undefined && owner !== plugin.id)
    return refuse('invalid-manifest', `an extension says that it belongs to ${JSON.stringify(owner)}`)
  const { kind, id } = Object(manifest) as Record<string, unknown>
  if (!isKind(kind)) return refuse('load-error', `${JSON.stringify(kind ?? null)} is no kind of extension`)
  const problems = [
    ...manifests[kind].problems(manifest),
    ...(dependsOn === undefined ? [] : dependences.problems(dependsOn).map(inDependence)),
  ]
  if (problems.length > 0)
    return refuse(
      problems.some(isOfCatalogue) ? 'invalid-manifest' : 'load-error',
      `the ${kind} ${JSON.stringify(id)} is invalid: ${problems.map(printed).join('; ')}`,
    )
  const { reportSchema } = source
  const faults = [
    ...FAULTS.flatMap((faultsIn) => faultsIn(manifest as Manifest)),
    ...(reportSchema === undefined ? [] : schemaFault(`reports of "${String(id)}"`, reportSchema)),
  ]
  if (faults.length > 0) return refuse('invalid-manifest', faults.join('; '))
  const run = runner[kind] ?? promptRunner(manifest as Manifest)
  if (run === undefined) return refuse('load-error', `the ${kind} ${JSON.stringify(id)} has no ${METHODS[kind]} method`)
  const walk = kind === 'provider' && runner.walk !== undefined ? { walk: runner.walk } : {}
  const judging = kind === 'rule' && dependsOn !== undefined ? { dependsOn } : {}
  const reports = reportSchema === undefined ? {} : { reports: specValidator(reportSchema) }
  const key = `${plugin.id}/${String(id)}`
  // The manifest is of this kind, and so is the runner.
  return { loaded: { kind, plugin, key, manifest, run, ...walk, ...judging, ...reports } as LoadedExtension }
}

const METHODS = {
  provider: 'classify',
  extractor: 'extract',
  rule: 'evaluate',
  action: 'invoke',
  formatter: 'format',
  hook: 'on',
} as const

/** What an action comes to that is a prompt: no code of its own is called. */
const promptRunner = (manifest: Manifest): ActionRunner | undefined =>
  manifest.kind === 'action' && manifest.mode === 'probabilistic'
    ? async () => ({ failure: 'it is a prompt, which a job hands to a model' })
    : undefined

const inDependence = (problem: Problem): Problem => ({ ...problem, pointer: `/dependsOn${problem.pointer}` })

/** Whether it names something that is in none of the closed lists of the specification. */
const isOfCatalogue = ({ pointer }: Problem): boolean => /^\/(triggers|viewContributions)\b/.test(pointer)

const isKind = (kind: unknown): kind is keyof typeof manifests =>
  typeof kind === 'string' && Object.hasOwn(manifests, kind)

function describe(source: ExtensionSource): Described | string {
  if (!('module' in source)) return source
  try {
    return inProcess(source.module.default)
  } catch (thrown) {
    return `what a module declares is no JSON: ${messageOf(thrown)}`
  }
}

/** A missing key is told in the words that skill-map's conformance cases look for. */
function printed({ code, pointer, message }: Problem): string {
  if (code !== 'SCHEMA_REQUIRED') return `${pointer} ${message}`.trim()
  const cut = pointer.lastIndexOf('/')
  return `${pointer.slice(0, cut)} must have required property '${pointer.slice(cut + 1)}'`.trim()
}

const iconFaults = ({ viewContributions = {} }: Manifest): string[] =>
  Object.entries(viewContributions)
    .filter(([, { contract, icon }]) => contract === 'node-counter' && icon === undefined)
    .map(([id]) => `the contribution "${id}" is a node-counter and needs an icon`)

const schemaFaults = (manifest: Manifest): string[] =>
  manifest.kind === 'provider'
    ? Object.entries(manifest.kinds).flatMap(([kind, { schema }]) => schemaFault(`the kind "${kind}"`, schema))
    : []

const annotationFaults = ({ annotationContributions = {} }: Manifest): string[] =>
  Object.entries(annotationContributions).flatMap(([key, { schema, location, ownership }]) => [
    ...schemaFault(`the annotation "${key}"`, schema),
    ...(location === 'root' && ownership !== 'exclusive'
      ? [`the annotation "${key}" is at the root of sidecars and has to be exclusive`]
      : []),
    ...(location === 'root' && RESERVED_BLOCKS.includes(key)
      ? [`the annotation "${key}" is at the root of sidecars, where the specification has it`]
      : []),
  ])

function schemaFault(what: string, schema: Json | object): string[] {
  try {
    specValidator(jsonValue(JSON.stringify(schema)) as Json).problems({})
    return []
  } catch (thrown) {
    return [`the schema of ${what} cannot be used: ${messageOf(thrown)}`]
  }
}

const promptFaults = (manifest: Manifest): string[] => (manifest.kind === 'action' ? faultsOfAction(manifest) : [])

function faultsOfAction({ id, mode, promptTemplateRef, expectedDurationSeconds }: ActionManifest): string[] {
  if (mode === 'deterministic')
    return promptTemplateRef === undefined ? [] : [`the action "${id}" runs code and has no promptTemplateRef`]
  return [
    ...(promptTemplateRef === undefined ? [`the action "${id}" is a prompt and needs promptTemplateRef`] : []),
    ...(expectedDurationSeconds === undefined
      ? [`the action "${id}" is a prompt and needs expectedDurationSeconds`]
      : []),
  ]
}

/** What a schema cannot say of a manifest. */
const FAULTS = [iconFaults, schemaFaults, annotationFaults, promptFaults]
