import { isObject, ownValue, type Json, type JsonObject } from '@tenon/contract'

/** Where a value of the configuration is: its keys from the outside in. */
export type ConfigPath = readonly string[]

/** `scan.tokenize`; no key that the configuration knows holds a dot. */
export const pathOf = (key: string): ConfigPath => key.split('.')

export const keyOf = (path: ConfigPath): string => path.join('.')

export const pathOfPointer = (pointer: string): ConfigPath =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

export const valueAtPath = (value: Json | undefined, path: ConfigPath): Json | undefined =>
  path.reduce<Json | undefined>((at, key) => (isObject(at) ? ownValue(at, key) : undefined), value)

/** The same document with a value there; what is in the way and no object is replaced. */
export function withValue(document: JsonObject, [key, ...below]: ConfigPath, value: Json): JsonObject {
  if (key === undefined) return document
  const held = ownValue(document, key)
  return { ...document, [key]: below.length === 0 ? value : withValue(isObject(held) ? held : {}, below, value) }
}

/** The same document without that value, and without the objects that this leaves empty. */
export function withoutValue(document: JsonObject, [key, ...below]: ConfigPath): JsonObject {
  const held = key === undefined ? undefined : ownValue(document, key)
  if (key === undefined || held === undefined) return document
  const rest = below.length > 0 && isObject(held) ? withoutValue(held, below) : {}
  const { [key]: _, ...others } = document
  return Object.keys(rest).length === 0 ? others : { ...document, [key]: rest }
}

/** Every value that is no object with keys of its own, outermost first, with its path. */
export const leavesOf = (value: Json, path: ConfigPath = []): [path: ConfigPath, value: Json][] =>
  isObject(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, below]) => leavesOf(below, [...path, key]))
    : [[path, value]]
