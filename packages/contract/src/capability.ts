import { TenonError } from './errors.ts'
import { EVENT_TYPE_PATTERN } from './identity.ts'
import { limits } from './limits.ts'
import { isOwnVariable } from './own-variable.ts'

/** How a target is written, and when a pattern of it covers another. */
type TargetKind = {
  fault(this: void, target: string): string | undefined
  covers(this: void, pattern: string, concrete: string): boolean
}

const isSame = (pattern: string, concrete: string): boolean => pattern === concrete

const PATH: TargetKind = { fault: treeFault, covers: coversPath }
const EXECUTABLE: TargetKind = { fault: executableFault, covers: isSame }
const HOST: TargetKind = { fault: hostFault, covers: coversHost }
const VARIABLE_NAME: TargetKind = { fault: nameFault, covers: isSame }
const EVENT_TYPE: TargetKind = { fault: eventTypeFault, covers: coversLabels }
const SEGMENT: TargetKind = { fault: (target) => segmentsFault(target, 1, 'one segment'), covers: coversSegments }
const SEGMENTS: TargetKind = { fault: (target) => segmentsFault(target, 2, 'two segments'), covers: coversSegments }

/** Domain and action → the kind of target, if any. The grammar of `<domain>:<action>[:<target>]` is this table. */
const GRAMMAR = new Map<string, TargetKind | 'no target'>([
  ['fs:read', PATH],
  ['fs:write', PATH],
  ['net:connect', HOST],
  ['exec:run', EXECUTABLE],
  ['env:read', VARIABLE_NAME],
  ['config:read', 'no target'],
  ['storage:kv', 'no target'],
  ['storage:secrets', 'no target'],
  ['storage:kv:read', SEGMENT],
  ['storage:kv:write', SEGMENT],
  ['event:publish', EVENT_TYPE],
  ['event:subscribe', EVENT_TYPE],
  ['service:provide', SEGMENT],
  ['service:call', SEGMENTS],
  ['operator:call', SEGMENTS],
])

export const CAPABILITY_ACTIONS: readonly string[] = [...GRAMMAR.keys()]

export type Capability = { action: string; target?: string }

const VARIABLES = ['${workspace}', '${dataset}', '${out}', '${work}']
const LABEL = /^[A-Za-z0-9_-]+$/
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const HOST_LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i

/** Reads a capability; throws CAPABILITY_INVALID naming it. */
export function parseCapability(text: string): Capability {
  const read = readCapability(text)
  if (typeof read !== 'string') return read
  throw new TenonError('CAPABILITY_INVALID', `"${text}": ${read}`, {
    hint: `A capability is <domain>:<action>[:<target>] with one of ${CAPABILITY_ACTIONS.join(', ')}.`,
  })
}

/** Why the text is no capability, or undefined when it is one. */
export function capabilityFault(text: string): string | undefined {
  const read = readCapability(text)
  return typeof read === 'string' ? read : undefined
}

export const printCapability = ({ action, target }: Capability): string =>
  target === undefined ? action : `${action}:${target}`

function readCapability(text: string): Capability | string {
  const parts = text.split(':')
  const length = parts.length > 3 && GRAMMAR.has(parts.slice(0, 3).join(':')) ? 3 : 2
  const action = parts.slice(0, length).join(':')
  const kind = GRAMMAR.get(action)
  if (kind === undefined) return `there is no action "${action}"`
  if (parts.length <= length) return kind === 'no target' ? { action } : `${action} needs a target`
  if (kind === 'no target') return `${action} takes no target`
  const target = parts.slice(length).join(':')
  return kind.fault(target) ?? { action, target }
}

function segmentsFault(target: string, count: number, counted: string): string | undefined {
  const segments = target.split('/')
  if (segments.length !== count) return `the target must have ${counted}`
  return segments.every((segment) => segment === '*' || LABEL.test(segment)) ? undefined : 'a segment is malformed'
}

/** A path, or a tree of them. */
function treeFault(target: string): string | undefined {
  return pathFault(target.endsWith('/**') ? target.slice(0, -3) || '/' : target)
}

function executableFault(target: string): string | undefined {
  return target.startsWith('/') ? pathFault(target) : 'the path must be absolute'
}

function nameFault(target: string): string | undefined {
  if (!NAME.test(target)) return 'the name is malformed'
  return isOwnVariable(target) ? 'a variable of Tenon is shown to no plugin' : undefined
}

function eventTypeFault(target: string): string | undefined {
  return labelsFault(target, LABEL, limits.eventTypeBytes)
}

function pathFault(path: string): string | undefined {
  const variable = VARIABLES.find((name) => path === name || path.startsWith(`${name}/`))
  if (variable === undefined && !path.startsWith('/')) return 'a path is absolute or starts with a variable'
  const rest = path.slice(variable?.length ?? 0)
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(rest)) return 'a path has no control character'
  if (/[*?$]/.test(rest)) return 'a path has no wildcard but a final /**'
  if (rest === '' || rest === '/') return undefined
  const isOdd = rest
    .slice(1)
    .split('/')
    .some((part) => part === '' || part === '.' || part === '..')
  return isOdd ? 'a path has no empty, "." or ".." part' : undefined
}

function hostFault(target: string): string | undefined {
  const [hostName = '', port = '443', ...more] = target.split(':')
  if (more.length > 0) return 'a host is a name, with or without :port'
  if (!/^[1-9][0-9]{0,4}$/.test(port) || Number(port) > 65_535) return `"${port}" is no port`
  if (/(^|\.)(\d+|0x[^.]*)$/i.test(hostName)) return 'an address is no host name'
  return labelsFault(hostName, HOST_LABEL, 253)
}

function labelsFault(target: string, form: RegExp, lengthMax: number): string | undefined {
  if (target.length > lengthMax) return `longer than ${lengthMax} bytes`
  const labels = target.split('.')
  return labels.every((label) => label === '*' || label === '**' || form.test(label))
    ? undefined
    : 'a label is malformed'
}

const WHOLE_EVENT_TYPE = new RegExp(EVENT_TYPE_PATTERN)

export const isEventType = (text: string): boolean =>
  text.length <= limits.eventTypeBytes && WHOLE_EVENT_TYPE.test(text)

/** Whether everything that `concrete` means is covered by `pattern`. */
export function covers(pattern: Capability, concrete: Capability): boolean {
  const kind = GRAMMAR.get(pattern.action)
  if (pattern.action !== concrete.action || kind === undefined) return false
  if (kind === 'no target') return true
  return pattern.target !== undefined && concrete.target !== undefined && kind.covers(pattern.target, concrete.target)
}

function coversPath(pattern: string, path: string): boolean {
  if (!pattern.endsWith('/**')) return pattern === path
  const root = pattern.slice(0, -3)
  return path === root || path.startsWith(`${root}/`)
}

function coversHost(pattern: string, concrete: string): boolean {
  const [patternHost = '', patternPort = '443'] = pattern.toLowerCase().split(':')
  const [hostName = '', port = '443'] = concrete.toLowerCase().split(':')
  return patternPort === port && coversLabels(patternHost, hostName)
}

/** `*` is one label, `**` one or more; a `**` among the labels is covered by a `**` only. */
function coversLabels(pattern: string, concrete: string): boolean {
  const parts = pattern.split('.')
  // Every place in the pattern that the labels so far may have reached: trying them one by one would take for ever.
  let reached = new Set([0])
  for (const label of concrete.split('.')) {
    const next = new Set<number>()
    for (const at of reached) {
      const part = parts[at]
      if (part === '**') next.add(at)
      if (part === '**' || part === label || (part === '*' && label !== '**')) next.add(at + 1)
    }
    reached = next
  }
  return reached.has(parts.length)
}

function coversSegments(pattern: string, concrete: string): boolean {
  const concreteParts = concrete.split('/')
  const parts = pattern.split('/')
  return parts.length === concreteParts.length && parts.every((part, at) => part === '*' || part === concreteParts[at])
}

export type Decision = { allowed: true } | { allowed: false; reason: 'not-asked' | 'not-granted' }

/** The one rule: allowed when some asked capability covers it and some granted one covers it. */
export function decide(asked: readonly Capability[], granted: readonly Capability[], concrete: Capability): Decision {
  if (!asked.some((capability) => covers(capability, concrete))) return { allowed: false, reason: 'not-asked' }
  if (!granted.some((capability) => covers(capability, concrete))) return { allowed: false, reason: 'not-granted' }
  return { allowed: true }
}

/** Throws PERMISSION_DENIED naming the capability. */
export function refuse(concrete: Capability, reason: string): never {
  throw new TenonError('PERMISSION_DENIED', `${printCapability(concrete)} is not allowed: ${reason}`, {
    hint: `Ask for "${printCapability(concrete)}" in permissions of plugin.spec.json and have it granted.`,
    details: { capability: printCapability(concrete), reason },
  })
}
