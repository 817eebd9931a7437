import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { pathOf, readConfig, valueAtPath, withValue } from '@tenon/map'
import { temporaryFolder } from '@tenon/testkit'
import { expect, test } from 'vitest'
import { isObject, type Json, type JsonObject } from '@tenon/contract'

const KNOWN = [
  ...['schemaVersion', 'roots', 'ignore', 'scan', 'tokenize', 'strict', 'followSymlinks', 'maxFileSizeBytes', 'watch'],
  ...['plugins', 'core', 'core/slash', 'enabled', 'config', 'jobs', 'perActionTtl', 'retention', 'completed', 'failed'],
]
const key = fc.oneof(fc.constantFrom(...KNOWN), fc.constantFrom('__proto__', 'constructor', 'a~b/c', ''), fc.string())
const leaf: fc.Arbitrary<Json> = fc.oneof(
  ...[fc.boolean(), fc.integer({ min: -1, max: 90_000_000 }), fc.constant(null)],
  fc.constantFrom('docs', '../x', '/etc', 'cl100k_base'),
)
const documents = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof({ depthSize: 'medium' }, leaf, fc.array(leaf, { maxLength: 3 }), tie('object')),
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
})).object

const UNKNOWN = 'there is nothing'

/** What a problem points at, in a document as it was written. */
function pointed(document: Json, pointer: string): Json | string {
  const keys = pointer.split('/').slice(1)
  return keys.reduce<Json>((at, part) => {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(at)) return Number(name) < at.length ? (at[Number(name)] ?? null) : UNKNOWN
    return isObject(at) && Object.hasOwn(at, name) ? (at[name] ?? null) : UNKNOWN
  }, document)
}

test('of random settings all that does not fit is named, and the rest fits', async () => {
  const folder = join(temporaryFolder(), '.skill-map')
  mkdirSync(folder)
  const read = (document: Json) => {
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(document))
    return readConfig({ project: folder })
  }
  await fc.assert(
    fc.asyncProperty(documents, async (document) => {
      const { config, problems } = await read(document)
      for (const { pointer } of problems) expect([pointer, pointed(document, pointer)]).not.toEqual([pointer, UNKNOWN])
      expect(await read(config)).toMatchObject({ config, problems: [] })
    }),
    { numRuns: 500 },
  )
})

test('a value that was set is the one that is read, and nothing else of the document is another', () => {
  fc.assert(
    fc.property(
      documents,
      fc.array(fc.constantFrom(...KNOWN), { minLength: 1, maxLength: 3 }),
      leaf,
      (document, path, value) => {
        const changed = withValue(document, path, value)
        expect(valueAtPath(changed, path)).toEqual(value)
        for (const other of Object.keys(document).filter((name) => name !== path[0]))
          expect(changed[other]).toBe(document[other])
        expect(pathOf(path.join('.'))).toEqual(path)
      },
    ),
  )
})
