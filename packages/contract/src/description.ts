import type { Problem } from './errors.ts'
import type { Json } from './json-text.ts'
import type { PluginSpec } from './spec-schema.ts'

export type DialectName = 'tenon' | 'host' | 'dataset' | 'skill-map'

/** What every dialect is read into: a spec whose version is free text, with the manifest it came from. */
export type Description = Omit<PluginSpec, 'specVersion' | '$schema'> & { dialect: DialectName; original: Json }

export type DialectReading = { description: Description | undefined; problems: Problem[]; warnings: Problem[] }

/** One field of a foreign manifest and what becomes of it: a key of the description, or why it is refused or left. */
export type ForeignField = { field: string; becomes: string }

export type Dialect = {
  name: DialectName
  fields: readonly ForeignField[]
  read(manifest: Json): DialectReading
}

/** Collects problems of one foreign manifest under a code prefix. */
export class ProblemList {
  readonly problems: Problem[] = []
  readonly warnings: Problem[] = []
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  add(pointer: string, what: string, message: string, hint?: string): void {
    this.problems.push(this.#problem(pointer, what, message, hint))
  }

  warn(pointer: string, what: string, message: string, hint?: string): void {
    this.warnings.push(this.#problem(pointer, what, message, hint))
  }

  #problem(pointer: string, what: string, message: string, hint?: string): Problem {
    return { pointer, code: `${this.#prefix}_${what}`, message, ...(hint === undefined ? {} : { hint }) }
  }
}

export const isObject = (value: unknown): value is Record<string, Json> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

export const isStringArray = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

export const nonEmptyText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

/** The same object without the keys that hold undefined. */
export function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never
}
