import { isDeepStrictEqual } from 'node:util'
import { limits, TenonError, type JsonObject, type Problem } from '@tenon/contract'
import { sidecarProblems } from '../files/sidecar.ts'
import { canonicalYaml } from '../text/canonical-yaml.ts'
import { isMapping, jsonOf, readWholeMapping, readYamlMapping } from '../text/yaml.ts'

/** What a sidecar's text holds, with values that JSON has not. */
type Mapping = Record<string, unknown>

export type Patch = {
  /** The sidecar, for messages. */
  path: string
  before: string | undefined
  /** Merged into what is there; `null` takes a key out. */
  changes: JsonObject
  /** What else is wrong, given what the sidecar held and what it would hold. */
  check?: (before: JsonObject | undefined, after: JsonObject) => Problem[]
}

/**
 * The text of a sidecar after a change. What the change does not name stays as it was, as data: comments and the order of
 * keys are lost, unless nothing changes. Throws SIDECAR_INVALID with all problems.
 */
export function patched({ path, before, changes, check = () => [] }: Patch): string {
  const held = before === undefined ? undefined : mappingOf(path, before)
  const after = merge(held ?? {}, changes)
  const text = canonicalYaml(after)
  refuse(path, faultsOf(text, after))
  const root = jsonIn(text)
  refuse(path, [...sidecarProblems(root), ...check(before === undefined ? undefined : jsonIn(before), root)])
  return before !== undefined && isDeepStrictEqual(held, after) ? before : text
}

function merge(before: Mapping, changes: JsonObject): Mapping {
  const result = new Map(Object.entries(before))
  for (const [key, change] of Object.entries(changes))
    if (change === null) result.delete(key)
    else if (isMapping(change)) result.set(key, merge(mappingOr(result.get(key)), change))
    else result.set(key, change)
  return Object.fromEntries(result)
}

const mappingOr = (value: unknown): Mapping => (isMapping(value) ? value : {})

function mappingOf(path: string, text: string): Mapping {
  const { value, fault } = readWholeMapping(text)
  if (fault !== undefined) throw invalidSidecar(path, [problem(fault)])
  return value
}

/** Why what was meant could not be found in the text again. */
function faultsOf(text: string, meant: Mapping): Problem[] {
  if (Buffer.byteLength(text) > limits.mapFileBytes) return [problem(`it would have over ${limits.mapFileBytes} bytes`)]
  return isDeepStrictEqual(readWholeMapping(text).value, meant) ? [] : [problem('it could not be read again as it is')]
}

const jsonIn = (text: string): JsonObject => jsonOf(readYamlMapping(text).value ?? {})

const problem = (message: string): Problem => ({ pointer: '', code: 'SIDECAR_INVALID', message })

function refuse(path: string, problems: Problem[]): void {
  if (problems.length > 0) throw invalidSidecar(path, problems)
}

export const invalidSidecar = (path: string, problems: Problem[]): TenonError =>
  new TenonError('SIDECAR_INVALID', `${path} is invalid, or would be`, {
    hint: 'Nothing was written. Mend it by hand, or make a new one with "sm sidecar annotate --force".',
    details: { path },
    problems,
  })
