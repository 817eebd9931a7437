import { FOREIGN_ID_PATTERN, pointerTo, prettyJson, type JsonDocument, type Problem } from '@tenon/contract'
import { closed, nearest, readAs, validatorOf } from '@tenon/contract/schema'
import Type, { type Static } from 'typebox'
import { isRange, isVersion, satisfies } from './version.ts'

const id = Type.String({ pattern: FOREIGN_ID_PATTERN })

const lockedPlugin = closed({
  version: Type.String({ minLength: 1 }),
  digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
  signer: Type.Union([Type.String({ minLength: 1 }), Type.Null()]),
  registry: Type.String({ pattern: '^https?://' }),
  edges: Type.Record(id, Type.String(), { additionalProperties: false }),
})

const lockfileSchema = closed(
  { version: Type.Literal(1), plugins: Type.Record(id, lockedPlugin, { additionalProperties: false }) },
  { $id: 'urn:tenon:schema:lockfile:1', title: 'tenon.lock' },
)

/** `tenon.lock`: what is installed, exactly. See docs/formats/lockfile-v1.md. */
export type Lockfile = Static<typeof lockfileSchema>
export type LockedPlugin = Static<typeof lockedPlugin>
export type LockfileReading = { value: Lockfile | undefined; problems: Problem[] }

const validator = validatorOf(lockfileSchema)

/** The same bytes for the same content, whoever writes them. */
export const lockfileText = (lock: Lockfile): string => prettyJson(lock)

/** Reads a lockfile and reports every problem with its line. No field is optional: a lost digest is an error, never a gap. */
export function readLockfile(text: string): LockfileReading {
  const { value, problems, document } = readAs(text, validator)
  if (value === undefined) return { value, problems }
  const found = Object.entries(value.plugins).flatMap(([key, plugin]) => pluginProblems(value, key, plugin))
  return { value: found.length === 0 ? value : undefined, problems: withLines(found, document) }
}

const withLines = (problems: Problem[], document: JsonDocument): Problem[] =>
  problems.map((problem) => ({ ...problem, line: document.lineOf(problem.pointer) }))

function pluginProblems(lock: Lockfile, key: string, plugin: LockedPlugin): Problem[] {
  const at = pointerTo('/plugins', key)
  const edges = Object.entries(plugin.edges).flatMap(([target, range]) => {
    const problem = edgeProblem(lock, target, range)
    return problem === undefined ? [] : [{ ...problem, pointer: pointerTo(`${at}/edges`, target) }]
  })
  if (isVersion(plugin.version)) return edges
  return [{ pointer: `${at}/version`, code: 'LOCK_VERSION', message: `"${plugin.version}" is no version` }, ...edges]
}

function edgeProblem(lock: Lockfile, target: string, range: string): Omit<Problem, 'pointer'> | undefined {
  const locked = Object.hasOwn(lock.plugins, target) ? lock.plugins[target] : undefined
  if (locked === undefined)
    return { code: 'LOCK_EDGE_UNKNOWN', message: `"${target}" is not locked`, ...hint(lock, target) }
  if (!isRange(range)) return { code: 'LOCK_EDGE_RANGE', message: `"${range}" is no range` }
  if (satisfies(locked.version, range)) return undefined
  return {
    code: 'LOCK_EDGE_BROKEN',
    message: `"${target}" is locked to ${locked.version}, which does not fit ${range}`,
  }
}

function hint(lock: Lockfile, target: string): { hint?: string } {
  const near = nearest(target, Object.keys(lock.plugins))
  return near === undefined ? {} : { hint: `Did you mean "${near}"?` }
}
