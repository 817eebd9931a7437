import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  derive,
  deriveFolder,
  readPluginFolder,
  requireSpec,
  skeletonsOf,
  TEMPLATE,
  type ScaffoldKind,
} from '@tenon/authoring'
import { Killed, killingDisk } from '@tenon/testkit'
import { code, edit, editSpec, policies, problemsOf, quickDisk, read, scaffoldOnce, told, write } from './plugins.ts'

const fresh = scaffoldOnce()
const REPORT = '.derive-conflicts.md'

/** A plugin as the first template made it. */
async function older(kind: ScaffoldKind = 'node'): Promise<string> {
  const root = fresh(kind)
  const spec = requireSpec(await readPluginFolder(quickDisk, root))
  for (const { path } of skeletonsOf(TEMPLATE, spec)) rmSync(join(root, path))
  for (const { path, text } of skeletonsOf('tenon@1', spec)) write(root, path, text)
  await derive(quickDisk, root, policies)
  edit(root, 'manifest.json', (text) => text.replace(`"${TEMPLATE}"`, '"tenon@1"'))
  return root
}

function contents(root: string): Record<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path !== REPORT)
  const files = paths.filter((path) => statSync(join(root, path)).isFile())
  return Object.fromEntries(files.map((path) => [path, read(root, path)]))
}

describe('a plugin that an older template made', () => {
  test.each(['node', 'python', 'container', 'remote', 'map'] as const)(
    'of kind %s becomes what the template of today makes when nobody edited it',
    async (kind) => {
      const root = await older(kind)
      expect((await problemsOf(root)).length).toBeGreaterThan(0)
      await derive(quickDisk, root, policies)
      expect(contents(root)).toEqual(contents(fresh(kind)))
      expect(await problemsOf(root)).toEqual([])
    },
  )

  test('keeps what its author wrote beside what the template changes', async () => {
    const root = await older()
    edit(root, 'tests/test_echo.ts', (text) => `${text}\n// mine below\n`)
    edit(root, 'src/plugin.ts', (text) => `// mine above\n${text}`)
    write(root, 'src/more.ts', 'export const more = 1\n')
    await derive(quickDisk, root, policies)
    expect(read(root, 'tests/test_echo.ts')).toMatch(/refuses a blank text[^]*\/\/ mine below\n$/)
    expect(read(root, 'src/plugin.ts')).toMatch(/^\/\/ mine above\n/)
    expect(existsSync(join(root, 'conformance/behavior/echo.feature'))).toBe(false)
    expect(read(root, 'manifest.json')).toContain(`"template": "${TEMPLATE}"`)
    expect(await problemsOf(root)).toEqual([])
  })

  test.each([
    ['python', 'no scenarios of', 'conformance/behavior/dataset.feature', false],
    ['container', 'the program for', 'src/count.py', true],
  ] as const)('of kind %s gets %s what it may no longer be', async (kind, _what, path, isBrought) => {
    const root = await older(kind)
    edit(root, 'CHANGELOG.md', (text) => `${text}Edited.\n`)
    await derive(quickDisk, root, policies)
    expect(existsSync(join(root, path))).toBe(isBrought)
    expect(read(root, 'CHANGELOG.md')).toMatch(/Edited\.\n$/)
  })

  test('loses what the template writes no more, unless its author edited that', async () => {
    const root = await older('remote')
    edit(root, 'schemas/echo.in.schema.json', (text) => `${text}\n`)
    editSpec(root, (spec) => Reflect.deleteProperty(spec, 'operations'))
    await derive(quickDisk, root, policies)
    expect(readdirSync(join(root, 'tests'))).toEqual([])
    expect(readdirSync(join(root, 'schemas'))).toEqual(['echo.in.schema.json'])
  })

  test('becomes one without operations when it has none', async () => {
    const root = await older()
    editSpec(root, (spec) => Reflect.deleteProperty(spec, 'operations'))
    await derive(quickDisk, root, policies)
    expect(read(root, 'src/plugin.ts')).toContain('\nconst operations = {}\n')
  })

  test('gets back no file that its author took away', async () => {
    const root = await older()
    const gone = ['conformance/behavior/README.md', 'src/echo.ts']
    write(root, 'conformance/mine.md', 'mine\n')
    for (const path of gone) rmSync(join(root, path))
    await derive(quickDisk, root, policies)
    expect(gone.filter((path) => existsSync(join(root, path)))).toEqual([])
  })

  test('stays as it is where both changed the same lines, with a report of them', async () => {
    const root = await older()
    edit(root, 'src/echo.ts', (text) => text.replace('{ text: input.text }', '{ text: input.text.trim() }'))
    edit(root, 'tests/test_echo.ts', (text) => `${text}// mine\n`)
    editSpec(root, (spec) => (spec.name = 'Another'))
    const before = contents(root)
    await expect(derive(quickDisk, root, policies)).rejects.toMatchObject({
      code: 'DERIVE_CONFLICT',
      hint: `See ${REPORT}, take over what you like, then run "tenon plugin derive demo-plugin --resolved".`,
      problems: [expect.objectContaining({ file: 'src/echo.ts', line: expect.any(Number) })],
    })
    expect(contents(root)).toEqual(before)
    await expect(read(root, REPORT)).toMatchFileSnapshot('./golden/derive-conflicts.md')
  })

  test('goes on once its author has seen to it, with the lines of the author', async () => {
    const root = await older()
    const mine = (text: string): string => text.replace('{ text: input.text }', '{ text: input.text.trim() }')
    edit(root, 'src/echo.ts', mine)
    await expect(deriveFolder(quickDisk, root, policies, { resolved: true })).rejects.toThrow(code('USAGE'))
    await expect(derive(quickDisk, root, policies)).rejects.toThrow(code('DERIVE_CONFLICT'))
    expect((await told(root)).join('\n')).not.toContain(REPORT)
    const { written } = await deriveFolder(quickDisk, root, policies, { resolved: true })
    expect(written).toEqual(expect.arrayContaining(['tests/test_echo.ts', 'manifest.json']))
    expect(read(root, 'src/echo.ts')).toContain('input.text.trim()')
    expect(existsSync(join(root, REPORT))).toBe(false)
    expect(await problemsOf(root)).toEqual([])
  })

  test('is asked about again where a conflict is not the one that was seen to', async () => {
    const root = await older()
    const mine = (text: string): string => text.replace('{ text:', '{ mine: 1, text:')
    edit(root, 'src/echo.ts', mine)
    await expect(derive(quickDisk, root, policies)).rejects.toThrow(code('DERIVE_CONFLICT'))
    edit(root, 'tests/test_echo.ts', mine)
    const deriving = deriveFolder(quickDisk, root, policies, { resolved: true })
    await expect(deriving).rejects.toMatchObject({
      problems: [expect.objectContaining({ file: 'tests/test_echo.ts' })],
    })
  })

  test('loses no line that somebody wrote, whatever was edited: it is kept, or nothing is changed', async () => {
    const template = await older()
    const before = contents(template)
    const files = ['src/echo.ts', 'src/plugin.ts', 'tests/test_echo.ts', 'conformance/behavior/README.md']
    const edits = fc.array(fc.record({ file: fc.constantFrom(...files), at: fc.nat(30), removed: fc.nat(2) }), {
      minLength: 1,
      maxLength: 6,
    })
    const outcomes = { merged: 0, refused: 0 }
    const holds = fc.asyncProperty(edits, async (all) => {
      const root = fresh()
      for (const path of Object.keys(contents(root))) rmSync(join(root, path))
      for (const [path, text] of Object.entries(before)) write(root, path, text)
      const written = all.map((one, index) => ({ ...one, line: `// by hand ${index}` }))
      for (const { file, at, removed, line } of written)
        edit(root, file, (text) => editedOutsideFences(text, at, removed, line))
      const mine = written.filter(({ file, line }) => read(root, file).includes(line))
      const edited = contents(root)
      try {
        await derive(quickDisk, root, policies)
        for (const { file, line } of mine) expect(read(root, file).split('\n')).toContain(line)
        expect((await problemsOf(root)).filter((problem) => problem.code !== 'TEST_ASSERTS_NOTHING')).toEqual([])
        outcomes.merged += 1
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'DERIVE_CONFLICT' })
        expect(contents(root)).toEqual(edited)
        outcomes.refused += 1
      }
    })
    await fc.assert(holds, { numRuns: 60, seed: 1 })
    expect(Math.min(outcomes.merged, outcomes.refused)).toBeGreaterThan(5)
  })

  test('is the old one or the new one, whenever its upgrade is killed', async () => {
    const template = await older()
    const before = contents(template)
    await derive(quickDisk, template, policies)
    const after = contents(template)
    for (let step = 0; ; step += 1) {
      const root = await older()
      try {
        await derive(killingDisk(quickDisk, step), root, policies)
        break
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Killed)
        await readPluginFolder(quickDisk, root)
        expect([before, after]).toContainEqual(contents(root))
      }
    }
  })

  test('is not touched by a version that does not know its template', async () => {
    const root = fresh()
    edit(root, 'manifest.json', (text) => text.replace(`"${TEMPLATE}"`, '"tenon@99"'))
    await expect(derive(quickDisk, root, policies)).rejects.toThrow(code('TEMPLATE_UNKNOWN'))
  })
})

test.each(['node', 'python', 'container', 'remote', 'map'] as const)(
  'what the first template writes for %s is what it always wrote',
  async (kind) => {
    const spec = requireSpec(await readPluginFolder(quickDisk, fresh(kind)))
    const files = skeletonsOf('tenon@1', spec).map(({ path, text }) => `==== ${path}\n${text}`)
    await expect(files.join('')).toMatchFileSnapshot(`./golden/tenon-1/${kind}.txt`)
  },
)

test('what the first template writes for a plugin without operations is its entry alone', async () => {
  const { operations: _operations, ...spec } = requireSpec(await readPluginFolder(quickDisk, fresh()))
  expect(skeletonsOf('tenon@1', spec).map(({ path }) => path)).toEqual([
    '.gitattributes',
    'CHANGELOG.md',
    'conformance/behavior/README.md',
    'src/plugin.ts',
  ])
})

/** Takes lines out and puts one in, where no fence is. */
function editedOutsideFences(text: string, at: number, removed: number, line: string): string {
  const lines = text.split('\n')
  const [from, to] = ['<auto:begin', '<auto:end'].map((word) => lines.findIndex((one) => one.includes(word))) as [
    number,
    number,
  ]
  const place = at % lines.length
  const isFree = to < 0 || place + removed <= from || place > to
  return (isFree ? lines.toSpliced(place, removed, line) : [...lines, line]).join('\n')
}

describe('an operation that the spec names newly', () => {
  test('gets its sources, schemas, examples and tests from the template', async () => {
    const root = fresh()
    editSpec(root, (spec) => spec.operations?.push({ name: 'say_twice', summary: 's', input: true, output: false }))
    const written = await derive(quickDisk, root, policies)
    expect(written).toEqual(
      expect.arrayContaining(['src/say_twice.ts', 'tests/test_say_twice.ts', 'schemas/say_twice.in.schema.json']),
    )
    expect(await problemsOf(root)).toEqual([])
  })

  test.each(['node', 'remote'] as const)('of kind %s gets no tests where they are kept elsewhere', async (kind) => {
    const root = fresh(kind)
    write(root, 'tests/all.ts', read(root, 'tests/test_echo.ts').replaceAll('echo', 'ping'))
    editSpec(root, (spec) =>
      spec.operations?.push({ name: 'ping', summary: 's', input: true, output: true, tests: 'tests/all.ts' }),
    )
    const written = await derive(quickDisk, root, policies)
    expect(written).toContain('conformance/behavior/ping.feature')
    expect(readdirSync(join(root, 'tests')).toSorted()).toEqual(['all.ts', 'test_echo.ts'])
    expect(await problemsOf(root)).toEqual([])
  })

  test.each([
    { method: 'GET', path: '/api/ping' },
    { method: 'POST', path: '/api/{id}/ping' },
  ] as const)('and is asked for by $method $path gets documents alone', async (endpoint) => {
    const root = fresh('remote')
    const before = read(root, 'src/server.ts')
    editSpec(root, (spec) =>
      spec.operations?.push({ name: 'ping', summary: 's', input: false, output: true, endpoint }),
    )
    const written = await derive(quickDisk, root, policies)
    expect(written.filter((path) => path.includes('ping')).toSorted()).toEqual([
      'examples/ping_request.json',
      'examples/ping_response.json',
      'schemas/ping.out.schema.json',
    ])
    expect(read(root, 'src/server.ts')).toBe(before)
  })

  test('keeps what its author wrote for it already', async () => {
    const root = fresh()
    write(root, 'src/say_twice.ts', '// mine\n')
    editSpec(root, (spec) => spec.operations?.push({ name: 'say_twice', summary: 's', input: true, output: true }))
    await derive(quickDisk, root, policies)
    expect(read(root, 'src/say_twice.ts')).toBe('// mine\n')
  })

  test('gets nothing again that its author took away', async () => {
    const root = fresh()
    editSpec(root, (spec) => spec.operations?.push({ name: 'say_twice', summary: 's', input: true, output: true }))
    await derive(quickDisk, root, policies)
    rmSync(join(root, 'src/say_twice.ts'))
    await derive(quickDisk, root, policies)
    expect(existsSync(join(root, 'src/say_twice.ts'))).toBe(false)
  })

  test('of a remote plugin is served at once, where its author left room', async () => {
    const root = fresh('remote')
    editSpec(root, (spec) =>
      spec.operations?.push({
        name: 'ping',
        summary: 's',
        input: false,
        output: true,
        endpoint: { method: 'POST', path: '/api/ping' },
      }),
    )
    await derive(quickDisk, root, policies)
    expect(read(root, 'src/server.ts')).toContain("\n  'POST /api/ping': (input) =>")
    const edited = fresh('remote')
    write(edited, 'src/server.ts', '// another server\n')
    editSpec(edited, (spec) => spec.operations?.push({ name: 'ping', summary: 's', input: false, output: true }))
    await derive(quickDisk, edited, policies)
    expect(read(edited, 'src/server.ts')).toBe('// another server\n')
  })
})
