import { capabilityFault, covers, parseCapability } from './capability.ts'
import type { Problem } from './errors.ts'
import { pointerTo } from './json-text.ts'
import { nearest } from './nearest.ts'
import type { PluginSpec } from './spec-schema.ts'

/** What a schema cannot say of a spec: names that must match, be unique, or parse. */
export function specRuleProblems(spec: PluginSpec): Problem[] {
  return [
    ...duplicateOperations(spec),
    ...capabilityProblems(spec),
    ...requiresProblems(spec),
    ...emitsProblems(spec),
    ...performanceProblems(spec),
    ...engineProblems(spec),
    ...hostRuleProblems(spec),
  ]
}

const problem = (pointer: string, code: string, message: string, hint?: string): Problem => ({
  pointer,
  code,
  message,
  ...(hint === undefined ? {} : { hint }),
})

function duplicateOperations(spec: PluginSpec): Problem[] {
  const names = (spec.operations ?? []).map((operation) => operation.name)
  return names.flatMap((name, index) =>
    names.indexOf(name) < index
      ? [problem(`/operations/${index}/name`, 'SPEC_DUPLICATE_OPERATION', `the operation "${name}" is declared twice`)]
      : [],
  )
}

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
  const asked = (spec.permissions ?? [])
    .filter(({ capability }) => capabilityFault(capability) === undefined)
    .map(({ capability }) => parseCapability(capability))
  return (spec.events?.emits ?? []).flatMap(({ type }, index) => {
    const own = type.startsWith(`plugin.${spec.id}.`)
    const permitted = asked.some((capability) => covers(capability, { action: 'event:publish', target: type }))
    if (permitted) return []
    const why = own ? 'is emitted without a permission' : `is neither under plugin.${spec.id}. nor a permission`
    const hint = `Add the permission "event:publish:${type}".`
    return [problem(`/events/emits/${index}/type`, 'SPEC_EMITS_UNASKED', `"${type}" ${why}`, hint)]
  })
}

function performanceProblems(spec: PluginSpec): Problem[] {
  const names = (spec.operations ?? []).map((operation) => operation.name)
  return Object.keys(spec.performance ?? {}).flatMap((name) => {
    if (names.includes(name)) return []
    const near = nearest(name, names)
    const hint = near === undefined ? undefined : `Did you mean "${near}"?`
    const pointer = pointerTo('/performance', name)
    return [problem(pointer, 'SPEC_UNKNOWN_OPERATION', `there is no operation "${name}"`, hint)]
  })
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
