import { TenonError } from './errors.ts'
import { EVENT_TYPE_PATTERN } from './identity.ts'
import { limits } from './limits.ts'

/** How the target of a capability is matched. */
type TargetKind = 'none' | 'path' | 'host' | 'absolutePath' | 'name' | 'eventType' | 'segments1' | 'segments2'

/** Domain and action → the kinds of target it may have. The grammar of `<domain>:<action>[:<target>]` is this table. */
const GRAMMAR: Record<string, TargetKind[]> = {
  'fs:read': ['path'],
  'fs:write': ['path'],
  'net:connect': ['host'],
  'exec:run': ['absolutePath'],
  'env:read': ['name'],
  'config:read': ['none'],
  'storage:kv': ['none'],
  'storage:secrets': ['none'],
  'storage:kv:read': ['segments1'],
  'storage:kv:write': ['segments1'],
  'event:publish': ['eventType'],
  'event:subscribe': ['eventType'],
  'service:provide': ['segments1'],
  'service:call': ['segments2'],
  'operator:call': ['segments2'],
}

export const CAPABILITY_ACTIONS: readonly string[] = Object.keys(GRAMMAR)

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
  const three = parts.slice(0, 3).join(':')
  const length = parts.length > 3 && three in GRAMMAR ? 3 : 2
  const action = parts.slice(0, length).join(':')
  const kinds = GRAMMAR[action]
  if (kinds === undefined) return `there is no action "${action}"`
  const target = parts.length > length ? parts.slice(length).join(':') : undefined
  if (target === undefined) return kinds.includes('none') ? { action } : `${action} needs a target`
  if (kinds.includes('none')) return `${action} takes no target`
  const fault = targetFault(kinds[0] ?? 'none', target)
  return fault ?? { action, target }
}

function targetFault(kind: TargetKind, target: string): string | undefined {
  if (kind === 'path') return pathFault(target)
  if (kind === 'absolutePath') return target.startsWith('/') ? pathFault(target, false) : 'the path must be absolute'
  if (kind === 'host') return hostFault(target)
  if (kind === 'name') return NAME.test(target) ? undefined : 'the name is malformed'
  if (kind === 'eventType') return patternFault(target.split('.'), target)
  const segments = target.split('/')
  const wanted = kind === 'segments1' ? 1 : 2
  if (segments.length !== wanted) return `the target must have ${wanted === 1 ? 'one segment' : 'two segments'}`
  return segments.every((segment) => segment === '*' || LABEL.test(segment)) ? undefined : 'a segment is malformed'
}

function pathFault(target: string, treeAllowed = true): string | undefined {
  const path = treeAllowed && target.endsWith('/**') ? target.slice(0, -3) || '/' : target
  const variable = VARIABLES.find((name) => path === name || path.startsWith(`${name}/`))
  const rest = variable === undefined ? path : path.slice(variable.length)
  if (variable === undefined && !path.startsWith('/')) return 'a path is absolute or starts with a variable'
  if (/[*?$\0]/.test(rest)) return 'a path has no wildcard but a final /**'
  if (
    rest.split('/').some((part, index) => part === '..' || part === '.' || (part === '' && index > 0 && rest !== '/'))
  )
    return 'a path has no empty, "." or ".." part'
  return undefined
}

function hostFault(target: string): string | undefined {
  const [host = '', port, ...more] = target.split(':')
  if (more.length > 0) return 'a host is a name, with or without :port'
  if (port !== undefined && !(/^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65_535)) return `"${port}" is no port`
  const labels = host.split('.')
  const fault = patternFault(labels, host, HOST_LABEL)
  if (fault !== undefined) return fault
  return /^[0-9]+$|^0x/i.test(labels.at(-1) ?? '') ? 'an address is no host name' : undefined
}

function patternFault(labels: string[], target: string, form = LABEL): string | undefined {
  if (target.length > limits.eventTypeBytes && form === LABEL) return `longer than ${limits.eventTypeBytes} bytes`
  if (target.length > 253) return 'longer than 253 bytes'
  return labels.every((label) => label === '*' || label === '**' || form.test(label))
    ? undefined
    : 'a label is malformed'
}

export const isEventType = (text: string): boolean =>
  text.length <= limits.eventTypeBytes && new RegExp(EVENT_TYPE_PATTERN).test(text)

/** Whether everything that `concrete` means is covered by `pattern`. `concrete` has no wildcard. */
export function covers(pattern: Capability, concrete: Capability): boolean {
  if (pattern.action !== concrete.action) return false
  if (pattern.target === undefined || concrete.target === undefined) return pattern.target === concrete.target
  const kind = GRAMMAR[pattern.action]?.[0]
  if (kind === 'path') return coversPath(pattern.target, concrete.target)
  if (kind === 'host') return coversHost(pattern.target, concrete.target)
  if (kind === 'eventType') return coversLabels(pattern.target.split('.'), concrete.target.split('.'))
  if (kind === 'segments1' || kind === 'segments2')
    return coversSegments(pattern.target.split('/'), concrete.target.split('/'))
  return pattern.target === concrete.target
}

function coversPath(pattern: string, path: string): boolean {
  if (!pattern.endsWith('/**')) return pattern === path
  const root = pattern.slice(0, -3)
  return path === root || path.startsWith(`${root}/`)
}

function coversHost(pattern: string, concrete: string): boolean {
  const [patternHost = '', patternPort = '443'] = pattern.toLowerCase().split(':')
  const [host = '', port = '443'] = concrete.toLowerCase().split(':')
  return patternPort === port && coversLabels(patternHost.split('.'), host.split('.'))
}

/** `*` is one label, `**` one or more. */
function coversLabels(pattern: string[], labels: string[]): boolean {
  const [head, ...rest] = pattern
  if (head === undefined) return labels.length === 0
  if (labels.length === 0) return false
  if (head === '**') return coversLabels(rest, labels.slice(1)) || coversLabels(pattern, labels.slice(1))
  return (head === '*' || head === labels[0]) && coversLabels(rest, labels.slice(1))
}

const coversSegments = (pattern: string[], segments: string[]): boolean =>
  pattern.length === segments.length && pattern.every((part, index) => part === '*' || part === segments[index])

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
