import type { Problem } from '@tenon/contract'
import { foreignValidator, validatorOf, type Validator } from '@tenon/contract/schema'
import type { ExtensionSource } from './extension.ts'
import { inProcess, messageOf, type Described } from './in-process.ts'
import {
  extractorManifestSchema,
  providerManifestSchema,
  ruleManifestSchema,
  type Manifest,
  type ProviderManifest,
} from './manifest-schema.ts'
import type { LoadedExtension, LoadFault } from './loaded-extension.ts'

export type ExtensionReading = { loaded: LoadedExtension; fault?: never } | { loaded?: never; fault: LoadFault }

const manifests = {
  provider: validatorOf(providerManifestSchema),
  extractor: validatorOf(extractorManifestSchema),
  rule: validatorOf(ruleManifestSchema),
} satisfies Record<string, Validator<Manifest>>

/** Checks an extension and gives it its qualified id. */
export function readExtension(source: ExtensionSource): ExtensionReading {
  const { plugin } = source
  const refuse = (status: LoadFault['status'], reason: string): ExtensionReading => ({
    fault: { pluginId: plugin.id, status, reason },
  })
  const claimed = ownerOf(source)
  if (claimed !== undefined && claimed !== plugin.id)
    return refuse('invalid-manifest', `an extension says that it belongs to ${JSON.stringify(claimed)}`)
  const described = describe(source)
  if (typeof described === 'string') return refuse('load-error', described)
  const { manifest, runner } = described
  const { kind, id } = Object(manifest) as Record<string, unknown>
  if (!isKind(kind)) return refuse('load-error', `${JSON.stringify(kind ?? null)} is no kind of extension`)
  const problems = manifests[kind].problems(manifest).map(printed)
  if (problems.length > 0)
    return refuse('load-error', `the ${kind} ${JSON.stringify(id)} is invalid: ${problems.join('; ')}`)
  const faults = [...iconFaults(manifest as Manifest), ...schemaFaults(manifest as Manifest)]
  if (faults.length > 0) return refuse('invalid-manifest', faults.join('; '))
  const run = runner[kind]
  if (run === undefined) return refuse('load-error', `the ${kind} ${JSON.stringify(id)} has no ${METHODS[kind]} method`)
  // The manifest is of this kind, and so is the runner.
  return { loaded: { kind, plugin, key: `${plugin.id}/${String(id)}`, manifest, run } as LoadedExtension }
}

const METHODS = { provider: 'classify', extractor: 'extract', rule: 'evaluate' } as const

const isKind = (kind: unknown): kind is keyof typeof manifests =>
  typeof kind === 'string' && Object.hasOwn(manifests, kind)

/** A module may say which plugin it is of; it cannot choose. */
const ownerOf = (source: ExtensionSource): unknown =>
  'module' in source ? (Object(source.module.default) as Record<string, unknown>)['pluginId'] : undefined

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
    ? Object.entries(manifest.kinds).flatMap(([kind, { schema }]) => schemaFault(kind, schema))
    : []

function schemaFault(kind: string, schema: ProviderManifest['kinds'][string]['schema']): string[] {
  try {
    foreignValidator(JSON.parse(JSON.stringify(schema))).problems({})
    return []
  } catch (thrown) {
    return [`the schema of the kind "${kind}" cannot be used: ${messageOf(thrown)}`]
  }
}
