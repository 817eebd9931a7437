import { cpSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { validateRepository } from '@tenon/authoring'
import { temporaryFolder } from '@tenon/testkit'
import { at, policies, problemsOf, quickDisk, scaffoldOnce, write } from './plugins.ts'

const fresh = scaffoldOnce()

/** The files below a folder that have a byte, in the order of their names. */
const filesIn = (root: string, below = ''): string[] =>
  readdirSync(join(root, below), { recursive: true, encoding: 'utf8' })
    .map((path) => join(below, path))
    .filter((path) => statSync(join(root, path)).isFile() && statSync(join(root, path)).size > 0)
    .toSorted()

/** One byte of one file, as places in lists that are counted around, and by which bits it changes. */
const anyByte = fc.record({ file: fc.nat(), offset: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) })

function changed(bytes: Buffer, { offset, bits }: { offset: number; bits: number }): Buffer {
  const place = offset % bytes.length
  return Buffer.concat([bytes.subarray(0, place), Buffer.of((bytes[place] ?? 0) ^ bits), bytes.subarray(place + 1)])
}

const picked = (paths: readonly string[], index: number): string => paths[index % paths.length] ?? ''

test.each(['node', 'python', 'remote', 'map'] as const)(
  'any other byte in any file of a plugin of kind %s is told',
  async (kind) => {
    const root = fresh(kind)
    await fc.assert(
      fc.asyncProperty(anyByte, async (change) => {
        const path = picked(filesIn(root), change.file)
        const bytes = readFileSync(join(root, path))
        write(root, path, changed(bytes, change))
        const problems = await problemsOf(root)
        write(root, path, bytes)
        expect([path, problems]).not.toEqual([path, []])
      }),
      { numRuns: 20 },
    )
    expect(await problemsOf(root)).toEqual([])
  },
)

test('a file of a plugin that is lost, or one more, is told', async () => {
  const root = fresh()
  for (const path of filesIn(root)) {
    const bytes = readFileSync(join(root, path))
    rmSync(join(root, path))
    expect([path, await problemsOf(root)]).not.toEqual([path, []])
    write(root, path, bytes)
  }
  for (const path of ['more.txt', 'src/more.ts', 'conformance/schemas/more.schema.json', 'tests/deep/more.ts']) {
    write(root, path, '{}\n')
    expect([path, await problemsOf(root)]).not.toEqual([path, []])
    rmSync(join(root, path))
  }
})

/** Where a pack says something: not in its comments, nor between words. */
function toldIn(pack: Buffer): number[] {
  const said = pack.toString('latin1').replaceAll(/^#.*$/gm, (comment) => ' '.repeat(comment.length))
  return [...said].flatMap((character, place) => (/\w/.test(character) ? place : []))
}

test('any other letter of what a pack says that is in force is told', async () => {
  const root = fresh()
  const packs = temporaryFolder()
  cpSync(policies, packs, { recursive: true })
  const inForce = filesIn(packs).filter((path) => /^(base\/1\.2\.0|personal-data)\//.test(path))
  await fc.assert(
    fc.asyncProperty(anyByte, async (change) => {
      const path = picked(inForce, change.file)
      const bytes = readFileSync(join(packs, path))
      const places = toldIn(bytes)
      // A letter stays as small or large as it is: YAML takes `False` for `false`.
      const other = { offset: places[change.offset % places.length] ?? 0, bits: (change.bits % 31) + 1 }
      write(packs, path, changed(bytes, other))
      const problems = await problemsOf(root, packs)
      write(packs, path, bytes)
      expect([path, problems]).not.toEqual([path, []])
    }),
    { numRuns: 20 },
  )
})

/** A repository of three plugins and the policies of this one. */
function repository(): string {
  const root = temporaryFolder()
  cpSync(policies, join(root, 'policies'), { recursive: true })
  for (const kind of ['node', 'python', 'map'] as const)
    cpSync(fresh(kind), join(root, 'plugins', kind), { recursive: true })
  return root
}

const validated = async (root: string) =>
  (await validateRepository(quickDisk, root, { at, now: Date.now(), repository: undefined, env: {} })).problems

/** The same, of a copy that nobody looked at before. */
async function validatedAnew(root: string) {
  const copy = temporaryFolder()
  for (const name of ['plugins', 'policies']) cpSync(join(root, name), join(copy, name), { recursive: true })
  return validated(copy)
}

const anyEdit = fc.oneof(
  fc.record({
    kind: fc.constant('byte' as const),
    ...{ file: fc.nat(), offset: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) },
  }),
  fc.record({
    kind: fc.constantFrom('lost' as const, 'more' as const),
    file: fc.nat(),
    offset: fc.nat(),
    bits: fc.nat(),
  }),
)

test('whatever was edited, a repository is told what one is told that nobody looked at before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEdit, { minLength: 1, maxLength: 4 }), async (edits) => {
      const root = repository()
      await validated(root)
      for (const { kind, ...edit } of edits) {
        const path = picked([...filesIn(root, 'plugins'), ...filesIn(root, 'policies')].toSorted(), edit.file)
        if (kind === 'lost') rmSync(join(root, path))
        else if (kind === 'more') write(root, `${path}.more`, '{}\n')
        else write(root, path, changed(readFileSync(join(root, path)), edit))
        expect(await validated(root)).toEqual(await validatedAnew(root))
      }
    }),
    { numRuns: 5 },
  )
})
