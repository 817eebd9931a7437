import { Entries as formatEntries } from 'typebox/format'
import { isObject } from './description.ts'
import type { Problem } from './errors.ts'
import { pointerTo, type Json } from './json-text.ts'
import { nearest } from './nearest.ts'
import { IN_PLACE, KEYWORDS, OLDER } from './schema-keywords.ts'
import { shown, valueAt } from './schema-problems.ts'

/**
 * What is wrong with a JSON Schema. `problems` leave nothing to check by: a keyword of the wrong form, a reference to
 * nothing or in a circle. `warnings` are what a validator passes over in silence.
 */
export type SchemaReading = { problems: Problem[]; warnings: Problem[] }

/** Who reads a schema and who builds a validator of it ask the same; a document that was read is not changed. */
const readings = new WeakMap<object, SchemaReading>()

export function readSchema(document: Json): SchemaReading {
  if (!isObject(document)) return readAnew(document)
  const reading = readings.get(document) ?? readAnew(document)
  readings.set(document, reading)
  return reading
}

function readAnew(document: Json): SchemaReading {
  const reader = new Reader(document)
  reader.visit('', BASE)
  reader.followReferences()
  return { problems: reader.problems, warnings: reader.warnings }
}

/** What a relative `$id` or `$ref` is resolved against where the document names no base of its own. */
const BASE = 'https://schema.invalid/'
const REFERENCES = ['$dynamicRef', '$recursiveRef', '$ref']
const FORMATS = formatEntries().map(([name]) => name)

class Reader {
  readonly problems: Problem[] = []
  readonly warnings: Problem[] = []
  readonly #document: Json
  /** The places of schemas by absolute `$id`, and by that with an anchor. */
  readonly #places = new Map<string, string>([[BASE, '']])
  readonly #references: { schema: string; keyword: string; to: string; base: string }[] = []
  /** The place of each visited schema, and of those by which it judges the same value. */
  readonly #inPlace = new Map<string, string[]>()

  constructor(document: Json) {
    this.#document = document
  }

  visit(place: string, base: string): void {
    if (this.#inPlace.has(place)) return
    this.#inPlace.set(place, [])
    const schema = valueAt(this.#document, place) as Json
    if (typeof schema === 'boolean') return
    if (!isObject(schema)) return this.#fault(place, `a schema is an object, true or false, not ${shown(schema)}`)
    const own = this.#named(schema, place, base)
    for (const [keyword, value] of Object.entries(schema)) this.#visitKeyword(keyword, value, place, own)
  }

  followReferences(): void {
    // What a reference leads to may hold further references, which join the list while it is walked.
    for (const { schema, keyword, to, base } of this.#references) {
      const target = this.#targetOf(to, base)
      if (target === undefined)
        this.#fault(pointerTo(schema, keyword), `${shown(to)} refers to nothing in this document`)
      else this.#visitInPlace(schema, target, base)
    }
    for (const { schema, keyword, to } of this.#references)
      if (this.#leadsBackTo(schema)) this.#fault(pointerTo(schema, keyword), `${shown(to)} leads back here without end`)
  }

  /** Notes the names that a schema gives itself; returns the base of what is inside it. */
  #named({ $id, $anchor, $dynamicAnchor }: Record<string, Json>, place: string, base: string): string {
    const own = typeof $id === 'string' && URL.canParse($id, base) ? withoutEmptyHash(new URL($id, base).href) : base
    if (own !== base) this.#places.set(own, place)
    for (const anchor of [$anchor, $dynamicAnchor])
      if (typeof anchor === 'string') this.#places.set(`${own}#${anchor}`, place)
    return own
  }

  #visitKeyword(keyword: string, value: Json, schema: string, base: string): void {
    const place = pointerTo(schema, keyword)
    const form = KEYWORDS.get(keyword)
    this.#warnOf(keyword, value, place)
    if (form === undefined) return
    if (!form.is(value)) return this.#fault(place, `"${keyword}" must be ${form.what}, not ${shown(value)}`)
    if (REFERENCES.includes(keyword)) this.#references.push({ schema, keyword, to: value as string, base })
    for (const [below] of form.schemas(value))
      if (IN_PLACE.includes(keyword)) this.#visitInPlace(schema, place + below, base)
      else this.visit(place + below, base)
  }

  #visitInPlace(schema: string, inner: string, base: string): void {
    this.visit(inner, base)
    this.#inPlace.get(schema)?.push(inner)
  }

  /** The place in this document of what a reference names. */
  #targetOf(reference: string, base: string): string | undefined {
    if (!URL.canParse(reference, base)) return undefined
    const { href, hash } = new URL(reference, base)
    if (!hash.startsWith('#/')) return this.#places.get(withoutEmptyHash(href))
    const root = this.#places.get(href.slice(0, -hash.length))
    const below = percentDecoded(hash.slice(1))
    if (root === undefined || below === undefined) return undefined
    return valueAt(this.#document, root + below) === undefined ? undefined : root + below
  }

  #leadsBackTo(start: string): boolean {
    const ahead = new Set(this.#inPlace.get(start))
    // A set that grows while it is walked is walked to its end, each place once.
    for (const place of ahead) for (const next of this.#inPlace.get(place) ?? []) ahead.add(next)
    return ahead.has(start)
  }

  #warnOf(keyword: string, value: Json, place: string): void {
    const instead = OLDER.get(keyword)
    if (instead !== undefined) this.#warn(place, `"${keyword}" is of an older draft`, `Write ${instead}.`)
    if (keyword === 'format' && typeof value === 'string' && !FORMATS.includes(value))
      this.#warn(place, `no format "${value}" is checked`, meant(value, FORMATS, `Known are ${FORMATS.join(', ')}.`))
    if (!KEYWORDS.has(keyword) && !keyword.startsWith('x-'))
      this.#warn(
        place,
        `there is no keyword "${keyword}"`,
        meant(keyword, KEYWORDS.keys(), 'Your own start with "x-".'),
      )
  }

  #fault(pointer: string, message: string): void {
    this.problems.push({ pointer, code: 'SCHEMA_INVALID', message })
  }

  #warn(pointer: string, message: string, hint: string): void {
    this.warnings.push({ pointer, code: 'SCHEMA_PASSED_OVER', message, hint })
  }
}

function meant(word: string, known: Iterable<string>, otherwise: string): string {
  const near = nearest(word, [...known])
  return near === undefined ? otherwise : `Did you mean "${near}"?`
}

const withoutEmptyHash = (uri: string): string => uri.replace(/#$/, '')

/** A URI fragment as plain text; undefined when it encodes none. */
function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
