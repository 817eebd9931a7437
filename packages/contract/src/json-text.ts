import { TenonError, type Problem } from './errors.ts'
import { limits } from './limits.ts'

export type Json = null | boolean | number | string | Json[] | JsonObject
export type JsonObject = { [key: string]: Json }

/**
 * A document with the line of each of its values; what is not there has the line of what should hold it. `value` is
 * undefined when the text is not JSON at all.
 */
export type JsonDocument = { value: Json | undefined; problems: Problem[]; lineOf(pointer: string): number }

export const pointerTo = (parent: string, key: string | number): string =>
  `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`

/**
 * Reads JSON text as RFC 8785 needs it: a duplicate key, lone surrogate, unsafe integer or byte order mark is a problem,
 * and all of them are reported. A syntax error ends the reading.
 */
export function readJson(text: string): JsonDocument {
  const value = laidOut(text)
  if (value === undefined) return readCharacters(text)
  let read: JsonDocument | undefined
  return { value, problems: [], lineOf: (pointer) => (read ??= readCharacters(text)).lineOf(pointer) }
}

/** What the tools write, a value a line, says itself again: nothing of it was lost, and it is read at once. */
function laidOut(text: string): Json | undefined {
  if (RARE.some((part) => text.includes(part)) || /\d{16}/.test(text) || !text.endsWith('\n')) return undefined
  try {
    const value = jsonValue(text) as Json
    return `${JSON.stringify(value, null, 2)}\n` === text ? value : undefined
  } catch {
    return undefined
  }
}

/** What may be an escaped surrogate, an unsafe integer or too deep has to be looked at. */
const RARE = ['\\u', 'e+', `\n${' '.repeat(2 * limits.specDepthMax)}`]

function readCharacters(text: string): JsonDocument {
  const reader = new Reader(text)
  const value = reader.document()
  const lineOf = (pointer: string): number => placeAt(reader.root, pointer).line
  for (const problem of reader.problems) problem.line ??= lineOf(problem.pointer)
  return { value, problems: reader.problems, lineOf }
}

/**
 * Where a value is, and by key or index those in it. One map of all pointers would take the length of a long key again for each
 * value below it. `isWhole` is false where the pointer has become too long, and is that of what holds the value.
 */
type Place = { pointer: string; line: number; isWhole: boolean; below?: Map<string, Place> }

/** Many problems may share what makes a pointer long, and each tells its own. */
const POINTER_MAX = 500

function placeBelow(parent: Place, key: string): Place {
  const isWhole = parent.isWhole && parent.pointer.length + key.length <= POINTER_MAX
  const place = { pointer: isWhole ? pointerTo(parent.pointer, key) : parent.pointer, line: parent.line, isWhole }
  parent.below ??= new Map()
  parent.below.set(key, place)
  return place
}

function placeAt(root: Place, pointer: string): Place {
  let found = root
  for (const key of pointer.split('/').slice(1)) {
    const next = found.below?.get(key.replaceAll('~1', '/').replaceAll('~0', '~'))
    if (next === undefined) break
    found = next
  }
  return found
}

/** As `readJson`, for callers that cannot go on: throws JSON_INVALID with every problem. `what` names the document. */
export function parseJson(text: string, what: string): Json {
  const { value, problems } = readJson(text)
  const first = problems[0]
  if (first !== undefined || value === undefined)
    throw new TenonError('JSON_INVALID', `${what}: ${first?.message ?? 'empty document'}`, { problems })
  return value
}

/**
 * `JSON.parse`, with the keys that the text has. V8 may take a key that is written with an escape for one that it read
 * before, as `"\n"` for `"\\"` (nodejs/node 63785).
 */
export function jsonValue(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (!hasEscapedKey(text)) return value
  const read = new Reader(text, LEVELS_MAX).document()
  if (read === undefined) throw new SyntaxError(`JSON with escaped keys is nested deeper than ${LEVELS_MAX}`)
  return read
}

/** What the stack of a thread has room for. */
const LEVELS_MAX = 1_000

/** In a text that is JSON, a backslash is inside a string. */
function hasEscapedKey(text: string): boolean {
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at)) {
    at = endOfString(text, at)
    AFTER_KEY.lastIndex = at
    if (AFTER_KEY.test(text)) return true
  }
  return false
}

const AFTER_KEY = /[ \t\n\r]*:/y

/** The place behind the quote that ends the string in whose first escape `at` is. */
function endOfString(text: string, at: number): number {
  let quote = text.indexOf('"', at)
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1)
  return quote + 1
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text[at - 1 - backslashes] === '\\') backslashes += 1
  return backslashes % 2 === 1
}

/** Decodes UTF-8, refusing bytes that are none. */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new TenonError('JSON_INVALID', `${what} is not UTF-8`, { cause })
  }
}

export const hasLoneSurrogate = (text: string): boolean => !text.isWellFormed()

const ESCAPES: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const WORDS: [string, Json][] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

class SyntaxStop extends Error {}

class Reader {
  readonly problems: Problem[] = []
  readonly root: Place = { pointer: '', line: 1, isWhole: true }
  readonly #text: string
  readonly #depthMax: number
  #at = 0
  #line = 1

  constructor(text: string, depthMax: number = limits.specDepthMax) {
    this.#text = text
    this.#depthMax = depthMax
  }

  document(): Json | undefined {
    if (this.#text.startsWith('\uFEFF')) {
      this.#report('', 'JSON_BYTE_ORDER_MARK', 'starts with a byte order mark', 'Save the file as UTF-8 without BOM.')
      this.#at = 1
    }
    try {
      const value = this.#value(this.root, 0)
      this.#space()
      if (this.#at < this.#text.length) this.#stop(`unexpected ${this.#seen()} after the document`)
      return value
    } catch (thrown) {
      if (thrown instanceof SyntaxStop) return undefined
      throw thrown
    }
  }

  #report(pointer: string, code: string, message: string, hint?: string): void {
    this.problems.push({ pointer, code, message, ...(hint === undefined ? {} : { hint }) })
  }

  #stop(message: string): never {
    const column = this.#at - this.#text.slice(0, this.#at).lastIndexOf('\n')
    const where = `at line ${this.#line}, column ${column}`
    this.problems.push({ pointer: '', code: 'JSON_SYNTAX', message: `${message} ${where}`, line: this.#line })
    throw new SyntaxStop()
  }

  #seen(): string {
    const char = this.#text[this.#at]
    return char === undefined ? 'the end of the text' : JSON.stringify(char)
  }

  /** The only place where a line can end: a string holds no raw line break. */
  #space(): void {
    for (; ' \t\n\r'.includes(this.#text[this.#at] ?? 'x'); this.#at += 1)
      if (this.#text[this.#at] === '\n') this.#line += 1
  }

  #expect(char: string): void {
    this.#space()
    if (this.#text[this.#at] !== char) this.#stop(`expected ${JSON.stringify(char)} but found ${this.#seen()}`)
    this.#at += 1
  }

  #value(place: Place, depth: number): Json {
    this.#space()
    place.line = this.#line
    if (depth > this.#depthMax) this.#stop(`nested deeper than ${this.#depthMax}`)
    const char = this.#text[this.#at]
    if (char === '{') return this.#object(place, depth)
    if (char === '[') return this.#array(place, depth)
    if (char === '"') return this.#string(place.pointer)
    for (const [word, value] of WORDS)
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    return this.#number(place.pointer)
  }

  #object(place: Place, depth: number): JsonObject {
    const object: JsonObject = {}
    this.#list('}', () => {
      this.#space()
      if (this.#text[this.#at] !== '"') this.#stop(`expected a key but found ${this.#seen()}`)
      const key = this.#string(place.pointer)
      const at = placeBelow(place, key)
      if (Object.hasOwn(object, key))
        this.#report(at.pointer, 'JSON_DUPLICATE_KEY', `the key ${JSON.stringify(key)} is written twice`)
      this.#expect(':')
      const value = this.#value(at, depth + 1)
      Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
    })
    return object
  }

  #array(place: Place, depth: number): Json[] {
    const array: Json[] = []
    this.#list(']', () => array.push(this.#value(placeBelow(place, String(array.length)), depth + 1)))
    return array
  }

  #list(end: string, item: () => void): void {
    this.#at += 1
    this.#space()
    if (this.#text[this.#at] === end) {
      this.#at += 1
      return
    }
    for (;;) {
      item()
      this.#space()
      if (this.#text[this.#at] === end) break
      this.#expect(',')
    }
    this.#at += 1
  }

  #string(pointer: string): string {
    let out = ''
    for (this.#at += 1; ; this.#at += 1) {
      const char = this.#text[this.#at]
      if (char === undefined || char < ' ') this.#stop(`a string holds ${this.#seen()}`)
      if (char === '"') break
      out += char === '\\' ? this.#escape() : char
    }
    this.#at += 1
    if (hasLoneSurrogate(out)) this.#report(pointer, 'JSON_LONE_SURROGATE', 'a string holds half a surrogate pair')
    return out
  }

  #escape(): string {
    this.#at += 1
    const char = this.#text[this.#at] ?? ''
    const plain = ESCAPES[char]
    if (plain !== undefined) return plain
    const hex = this.#text.slice(this.#at + 1, this.#at + 5)
    if (char !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) this.#stop('a string holds an unknown escape')
    this.#at += 4
    return String.fromCharCode(Number.parseInt(hex, 16))
  }

  #number(pointer: string): number {
    NUMBER.lastIndex = this.#at
    const source = NUMBER.exec(this.#text)?.[0]
    if (source === undefined) this.#stop(`expected a value but found ${this.#seen()}`)
    this.#at += source.length
    const value = Number(source)
    const unsafe = !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))
    if (unsafe) this.#report(pointer, 'JSON_UNSAFE_NUMBER', `${source} cannot be held exactly`, 'Write it as a string.')
    return value
  }
}
