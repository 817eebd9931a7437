import { capabilityFault, covers, parseCapability, printCapability, type Capability } from './capability.ts'
import { defined } from './description.ts'
import type { Problem } from './errors.ts'
import { pointerTo } from './json-text.ts'
import { nearest } from './nearest.ts'
import { settingsProblems } from './settings-rules.ts'
import type { PluginSpec } from './spec-schema.ts'

/** What a schema cannot say of a spec: names that must match, be unique, or parse. */
export function specRuleProblems(spec: PluginSpec): Problem[] {
  return [
    ...duplicateProblems(spec),
    ...capabilityProblems(spec),
    ...requiresProblems(spec),
    ...emitsProblems(spec),
    ...serviceProblems(spec),
    ...mapStorageProblems(spec),
    ...performanceProblems(spec),
    ...probeProblems(spec),
    ...dependencyProblems(spec),
    ...engineProblems(spec),
    ...hostRuleProblems(spec),
    ...settingsProblems(spec.settings ?? {}),
  ]
}

const problem = (pointer: string, code: string, message: string, hint?: string): Problem =>
  defined({ pointer, code, message, hint })

/** Each list of the spec whose items have names, and the names. */
function namedLists({ operations, events, services, health, dataset, permissions }: PluginSpec): [string, string[]][] {
  const names = (items: { name: string }[] | undefined): string[] => (items ?? []).map(({ name }) => name)
  return [
    ['/operations', names(operations)],
    // Of a type, a plugin publishes events of one version.
    ['/events/emits', (events?.emits ?? []).map(({ type }) => type)],
    ['/events/handles', (events?.handles ?? []).map(({ type }) => type)],
    ['/services/provides', names(services?.provides)],
    ['/services/consumes', services?.consumes ?? []],
    ['/health/probes', (health?.probes ?? []).map(({ id }) => id)],
    ['/dataset/inputs', names(dataset?.inputs)],
    ['/dataset/outputs', names(dataset?.outputs)],
    ['/permissions', (permissions ?? []).map(({ capability }) => capability)],
  ]
}

const duplicateProblems = (spec: PluginSpec): Problem[] =>
  namedLists(spec).flatMap(([pointer, names]) =>
    names.flatMap((name, index) =>
      names.indexOf(name) < index
        ? [problem(pointerTo(pointer, index), 'SPEC_DUPLICATE', `"${name}" is declared twice`)]
        : [],
    ),
  )

function capabilityProblems(spec: PluginSpec): Problem[] {
  return (spec.permissions ?? []).flatMap(({ capability }, index) => {
    const fault = capabilityFault(capability)
    const pointer = `/permissions/${index}/capability`
    return fault === undefined ? [] : [problem(pointer, 'SPEC_CAPABILITY', `"${capability}": ${fault}`)]
  })
}

function requiresProblems(spec: PluginSpec): Problem[] {
  const asked = (spec.permissions ?? []).map(({ capability }) => capability)
  return (spec.operations ?? []).flatMap((operation, index) =>
    (operation.requires ?? []).flatMap((capability, at) =>
      asked.includes(capability)
        ? []
        : [
            problem(
              `/operations/${index}/requires/${at}`,
              'SPEC_REQUIRES_UNASKED',
              `"${capability}" is not among the plugin's permissions`,
              `List it in permissions with a reason.`,
            ),
          ],
    ),
  )
}

/** A plugin publishes under plugin.<id>., or a canonical type that its permissions ask for. */
function emitsProblems(spec: PluginSpec): Problem[] {
  const asks = askedIn(spec)
  return (spec.events?.emits ?? []).flatMap(({ type }, index) => {
    const own = type.startsWith(`plugin.${spec.id}.`)
    if (asks({ action: 'event:publish', target: type })) return []
    const why = own ? 'is emitted without a permission' : `is neither under plugin.${spec.id}. nor a permission`
    const hint = `Add the permission "event:publish:${type}".`
    return [problem(`/events/emits/${index}/type`, 'SPEC_EMITS_UNASKED', `"${type}" ${why}`, hint)]
  })
}

/** Services are provided and called by permission only. */
function serviceProblems(spec: PluginSpec): Problem[] {
  const { provides = [], consumes = [] } = spec.services ?? {}
  const asks = askedIn(spec)
  const unasked = (pointer: string, capability: Capability): Problem[] => {
    if (asks(capability)) return []
    const text = printCapability(capability)
    return [problem(pointer, 'SPEC_SERVICE_UNASKED', `"${text}" is no permission`, `Add the permission "${text}".`)]
  }
  return [
    ...provides.flatMap(({ name }, index) =>
      unasked(`/services/provides/${index}/name`, { action: 'service:provide', target: name }),
    ),
    ...consumes.flatMap((target, index) => unasked(`/services/consumes/${index}`, { action: 'service:call', target })),
  ]
}

/** What a plugin of the map keeps, a host lets it keep by permission only. */
function mapStorageProblems(spec: PluginSpec): Problem[] {
  const { runtime } = spec
  if (runtime.kind !== 'map' || runtime.mapStorage === undefined || askedIn(spec)({ action: 'storage:kv' })) return []
  const hint = 'Add the permission "storage:kv".'
  return [problem('/runtime/mapStorage', 'SPEC_STORAGE_UNASKED', 'is declared without a permission', hint)]
}

/** Whether a spec's permissions ask for a capability. */
function askedIn({ permissions = [] }: PluginSpec): (capability: Capability) => boolean {
  const asked = permissions
    .filter(({ capability }) => capabilityFault(capability) === undefined)
    .map(({ capability }) => parseCapability(capability))
  return (wanted) => asked.some((capability) => covers(capability, wanted))
}

const performanceProblems = (spec: PluginSpec): Problem[] =>
  Object.keys(spec.performance ?? {}).flatMap((name) => unknownOperation(spec, name, pointerTo('/performance', name)))

/** A probe is run as it stands: an `op` probe names an operation, by its id if by nothing else, and the others what can be reached. */
const probeProblems = (spec: PluginSpec): Problem[] =>
  (spec.health?.probes ?? []).flatMap(({ id, kind, target = id }, index) => {
    const pointer = `/health/probes/${index}`
    if (kind === 'op') return unknownOperation(spec, target, pointer)
    const [fault, hint] = targetFault(kind, target)
    return fault === undefined ? [] : [problem(pointer, 'SPEC_PROBE_TARGET', `"${target}" ${fault}`, hint)]
  })

/** A program is found by its name or its whole path: there is no folder from which another path would count. */
function targetFault(kind: string, target: string): [fault?: string, hint?: string] {
  if (kind === 'http' && !target.startsWith('/')) return ['is no path', 'An http probe has a target such as "/health".']
  if (kind === 'exec' && /^\s*[^\s/]+\//.test(target))
    return [
      'names a program by a path that is not whole',
      'Files of the plugin are named after a program: "node src/check.js".',
    ]
  return []
}

function unknownOperation(spec: PluginSpec, name: string, pointer: string): Problem[] {
  const names = (spec.operations ?? []).map((operation) => operation.name)
  if (names.includes(name)) return []
  const near = nearest(name, names)
  const hint = near === undefined ? undefined : `Did you mean "${near}"?`
  return [problem(pointer, 'SPEC_UNKNOWN_OPERATION', `there is no operation "${name}"`, hint)]
}

function dependencyProblems(spec: PluginSpec): Problem[] {
  const maps = ['dependencies', 'optionalDependencies', 'ifPresent', 'conflicts'] as const
  return maps.flatMap((key) =>
    Object.keys(spec[key] ?? {})
      .filter((name) => name === spec.id || name.endsWith(`/${spec.id}`))
      .map((name) => problem(pointerTo(`/${key}`, name), 'SPEC_NAMES_ITSELF', `"${name}" is this plugin itself`)),
  )
}

/** `engines` names runtimes; a misspelt one would silently not be checked. */
function engineProblems(spec: PluginSpec): Problem[] {
  const known = ['tenon', 'node', 'python', 'skill-map']
  return Object.keys(spec.engines ?? {}).flatMap((name) =>
    known.includes(name)
      ? []
      : [
          problem(
            pointerTo('/engines', name),
            'SPEC_UNKNOWN_ENGINE',
            `there is no engine "${name}"`,
            `Known engines: ${known.join(', ')}.`,
          ),
        ],
  )
}

/** A plugin that names a contract wants to join a host, and needs what a host demands. */
function hostRuleProblems(spec: PluginSpec): Problem[] {
  if (spec.contracts === undefined && spec.traits === undefined && spec.security === undefined) return []
  const missing = (['contracts', 'traits', 'security'] as const).filter((key) => spec[key] === undefined)
  return missing.map((key) =>
    problem(
      `/${key}`,
      'SPEC_HOST_NEEDS',
      `the key "${key}" is missing`,
      'A plugin that joins a host states all three.',
    ),
  )
}
