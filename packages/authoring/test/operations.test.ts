import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  addOperation,
  derive,
  readPluginFolder,
  removeOperation,
  renameOperation,
  requireSpec,
  skeletonsOf,
  TEMPLATE,
} from '@tenon/authoring'
import { Killed, killingDisk } from '@tenon/testkit'
import { code, edit, editSpec, policies, problemsOf, quickDisk, read, scaffoldOnce, write } from './plugins.ts'

const fresh = scaffoldOnce()
const sdk = fileURLToPath(new URL('../../sdk', import.meta.url))
const SHOUT = { name: 'shout', summary: 'Answers in capitals.', input: true, output: true }
const add = (root: string, wanted: Partial<typeof SHOUT> = {}) =>
  addOperation(quickDisk, root, policies, { ...SHOUT, ...wanted })
const rename = (root: string, from: string, to: string) => renameOperation(quickDisk, root, policies, { from, to })
const remove = (root: string, name: string, anyway = false) =>
  removeOperation(quickDisk, root, policies, { name, anyway })

/** Runs the plugin's own tests. */
async function passes(root: string, tests = 'tests/*.ts'): Promise<boolean> {
  mkdirSync(join(root, 'node_modules/@tenon'), { recursive: true })
  if (!existsSync(join(root, 'node_modules/@tenon/sdk'))) symlinkSync(sdk, join(root, 'node_modules/@tenon/sdk'))
  const testing = promisify(execFile)(process.execPath, ['--test', tests], { cwd: root, env: {} })
  return testing.then(() => true).catch(() => false)
}

function contents(root: string): Record<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
  return Object.fromEntries(
    paths.filter((path) => statSync(join(root, path)).isFile()).map((path) => [path, read(root, path)]),
  )
}

/** Laid out by hand: short lists on one line, a space more here and there. */
const BY_HAND = `{
  "specVersion": 1,
  "id": "demo-plugin",   "publisher": "acme",
  "name": "Demo plugin", "version": "0.1.0", "license": "MIT",
  "runtime": { "kind": "node", "entry": "src/plugin.ts" },
  "health": { "probes": [{ "id": "echo", "kind": "op", "request": "examples/echo_request.json" }] },

  "operations": [
    { "name": "echo", "uid": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "summary": "Answers.",   "input": true, "output": true }
  ],
  "performance": { "echo": { "p95Ms": 20, "maxRssMb": 100 } },
  "permissions": []
}
`

async function byHand(): Promise<string> {
  const root = fresh()
  write(root, 'plugin.spec.json', BY_HAND)
  await derive(quickDisk, root, policies)
  expect(await problemsOf(root)).toEqual([])
  return root
}

describe('an operation that is added', () => {
  test.each(['node', 'remote'] as const)(
    'to a plugin of kind %s validates and passes its tests at once',
    async (kind) => {
      const root = fresh(kind)
      await add(root)
      await add(root, { name: 'ping', input: false })
      await add(root, { name: 'log_it', output: false })
      await add(root, { name: 'tick', input: false, output: false })
      expect(await problemsOf(root)).toEqual([])
      expect(read(root, 'conformance/behavior/ping.feature')).toContain('When I call "ping"')
      expect(readdirSync(join(root, 'conformance/examples')).toSorted()).toEqual([
        'echo.in.invalid.unknown-key.json',
        'log_it.in.invalid.unknown-key.json',
        'ping.out.invalid.no-text.json',
        'shout.in.invalid.unknown-key.json',
      ])
      expect(await passes(root)).toBe(true)
    },
  )

  test('to a plugin in JavaScript is in JavaScript, too, validates and passes its tests at once', async () => {
    const root = fresh()
    await remove(root, 'echo')
    rmSync(join(root, 'src/plugin.ts'))
    editSpec(root, (spec) => (spec.runtime = { kind: 'node', entry: 'src/plugin.mjs' }))
    const spec = requireSpec(await readPluginFolder(quickDisk, root))
    for (const { path, text } of skeletonsOf(TEMPLATE, spec)) write(root, path, text)
    await add(root)
    expect(readdirSync(join(root, 'src')).toSorted()).toEqual(['plugin.mjs', 'shout.mjs'])
    expect(await problemsOf(root)).toEqual([])
    expect(await passes(root, 'tests/test_shout.mjs')).toBe(true)
  })

  test('leaves alone how the spec is laid out', async () => {
    const root = await byHand()
    await add(root)
    const line = '    { "name": "shout", "summary": "Answers in capitals.", "input": true, "output": true }'
    expect(read(root, 'plugin.spec.json')).toBe(BY_HAND.replace('"output": true }\n', `"output": true },\n${line}\n`))
  })

  test('is the first of a spec that had none', async () => {
    const root = fresh()
    await remove(root, 'echo')
    expect(read(root, 'plugin.spec.json')).not.toContain('operations')
    await add(root)
    expect(read(root, 'plugin.spec.json')).toContain('  "operations": [\n    {\n      "name": "shout",')
    expect(await problemsOf(root)).toEqual([])
  })

  const line = '{ "name": "shout", "summary": "Answers in capitals.", "input": true, "output": true }'
  const block = JSON.stringify(SHOUT, null, 2).replaceAll('\n', '\n    ')
  const echo = '{"name":"echo","summary":"s","input":true,"output":true}'
  test.each([
    ['is the first', '', `,\n  "operations": [\n    ${block}\n  ]`],
    ['is beside another', `,"operations":[${echo}]`, `,"operations":[${echo}, ${line}]`],
  ])('to a spec that is one line %s', async (_where, before, after) => {
    const root = fresh()
    const specWith = (operations: string): string =>
      `{"specVersion":1,"id":"demo-plugin","publisher":"acme","name":"Demo","version":"0.1.0","runtime":{"kind":"node","entry":"src/plugin.ts"}${operations},"permissions":[]}\n`
    write(root, 'plugin.spec.json', specWith(before))
    await derive(quickDisk, root, policies)
    await add(root)
    expect(read(root, 'plugin.spec.json')).toBe(specWith(after))
  })

  test.each([
    ['of a name that is no name', 'Shout!', 'SPEC_INVALID'],
    ['that is there already', 'echo', 'SPEC_INVALID'],
    ['of the name of the entry', 'plugin', 'USAGE'],
  ])('%s is refused, and nothing is changed', async (_what, name, why) => {
    const root = fresh()
    const before = contents(root)
    await expect(add(root, { name })).rejects.toThrow(code(why))
    expect(contents(root)).toEqual(before)
  })

  test.each([
    ['python', 'in the function of runtime.entryPoint'],
    ['container', 'in the program of runtime.argv'],
    ['map', 'in its extensions'],
  ] as const)('to a plugin of kind %s is refused: no host calls it, and its work is done %s', async (kind, where) => {
    await expect(add(fresh(kind))).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('answers no calls'),
      hint: expect.stringContaining(where),
    })
  })

  test('is there whole or not at all, whenever adding it is killed', async () => {
    const template = fresh()
    const before = contents(template)
    await add(template)
    const after = contents(template)
    for (let step = 0; ; step += 1) {
      const root = fresh()
      try {
        await addOperation(killingDisk(quickDisk, step), root, policies, SHOUT)
        break
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Killed)
        await readPluginFolder(quickDisk, root)
        expect([before, after]).toContainEqual(contents(root))
      }
    }
  })
})

describe('an operation that is renamed', () => {
  test('is the same under its new name in everything that belongs to it', async () => {
    const root = await byHand()
    write(root, 'conformance/perf/echo.perf.json', '{}\n')
    const { mentions } = await rename(root, 'echo', 'say_again')
    const wanted = BY_HAND.replaceAll('"echo"', '"say_again"').replace('echo_request', 'say_again_request')
    expect(read(root, 'plugin.spec.json')).toBe(wanted)
    expect(Object.keys(contents(root)).filter((path) => path.includes('echo'))).toEqual([])
    expect(existsSync(join(root, 'conformance/perf/say_again.perf.json'))).toBe(true)
    expect(existsSync(join(root, 'conformance/examples/say_again.in.invalid.unknown-key.json'))).toBe(true)
    const other = 'conformance/behavior/say_again.feature'
    expect(read(root, other)).toBe(read(fresh(), 'conformance/behavior/echo.feature').replaceAll('echo', 'say_again'))
    expect(read(root, 'src/say_again.ts')).toContain('export async function sayAgain(input: SayAgainInput')
    expect(mentions).toEqual([])
    expect(await problemsOf(root)).toEqual([])
    expect(await passes(root)).toBe(true)
  })

  test('is what its probes ask for, whatever they are called, and others stay', async () => {
    const root = fresh()
    await add(root)
    const probesWith = (own: string, target: string) => [
      { id: own, kind: 'op' as const },
      { id: 'once_more', kind: 'op' as const, target },
      { id: 'loud', kind: 'op' as const, target: 'shout' },
      { id: 'echo_of_all', kind: 'import' as const, target: 'echo' },
    ]
    editSpec(root, (spec) => (spec.health = { probes: probesWith('echo', 'echo') }))
    await rename(root, 'echo', 'say')
    expect(JSON.parse(read(root, 'plugin.spec.json')).health.probes).toEqual(probesWith('say', 'say'))
  })

  test('is found by whoever imports it from elsewhere', async () => {
    const root = fresh()
    write(root, 'src/more.ts', "import { echo } from './echo.ts'\nexport const more = echo\n")
    const { written, mentions } = await rename(root, 'echo', 'say')
    expect(written).toContain('src/more.ts')
    expect(read(root, 'src/more.ts')).toBe("import { echo } from './say.ts'\nexport const more = echo\n")
    expect(mentions.map(({ file, line }) => `${file}:${line}`)).toEqual(['src/more.ts:1', 'src/more.ts:2'])
  })

  test('is not taken for a new one where the manifest is lost', async () => {
    const root = fresh()
    rmSync(join(root, 'manifest.json'))
    edit(root, 'src/echo.ts', (text) => `// mine\n${text}`)
    await rename(root, 'echo', 'say')
    expect(read(root, 'src/say.ts')).toMatch(/^\/\/ mine\n[^]*export async function say\(/)
    expect(await problemsOf(root)).toEqual([])
  })

  test('keeps its tests where it bears the name of what they begin with', async () => {
    const root = fresh()
    await rename(root, 'echo', 'test')
    await rename(root, 'test', 'test_test')
    expect(existsSync(join(root, 'tests/test_test_test.ts'))).toBe(true)
    await rename(root, 'test_test', 'echo')
    const { 'manifest.json': _manifest, ...files } = contents(root)
    const { 'manifest.json': __manifest, ...wanted } = contents(fresh())
    expect(files).toEqual(wanted)
  })

  test('is still served where it was, when the plugin is remote', async () => {
    const root = fresh('remote')
    await rename(root, 'echo', 'say')
    expect(read(root, 'src/server.ts')).toBe(read(fresh('remote'), 'src/server.ts'))
    expect(await problemsOf(root)).toEqual([])
    expect(await passes(root)).toBe(true)
  })

  test('is named where a person named it by its old name, and nothing is changed there', async () => {
    const root = fresh()
    edit(root, 'src/echo.ts', (text) => `${text}\n// echo is not an echo chamber\n`)
    edit(root, 'README_PLUGIN.md', (text) => text.replace('Nothing yet.', 'See echo.'))
    const { mentions } = await rename(root, 'echo', 'say')
    expect(mentions.map(({ file, text }) => [file, text])).toEqual(
      expect.arrayContaining([
        ['src/say.ts', '// echo is not an echo chamber'],
        ['README_PLUGIN.md', 'See echo.'],
      ]),
    )
    expect(mentions).toHaveLength(2)
  })

  test('to a name whose files are there is refused, as is one that is not there', async () => {
    const root = fresh()
    write(root, 'src/say.ts', '// mine\n')
    write(root, 'conformance/examples/cry.in.invalid.unknown-key.json', '{}\n')
    const before = contents(root)
    await expect(rename(root, 'echo', 'say')).rejects.toThrow(code('FILE_EXISTS'))
    await expect(rename(root, 'echo', 'cry')).rejects.toThrow(code('FILE_EXISTS'))
    await expect(rename(root, 'nothing', 'say')).rejects.toMatchObject({
      code: 'OPERATION_UNKNOWN',
      message: 'demo-plugin has no operation "nothing"',
      hint: 'It has echo.',
    })
    await expect(rename(fresh('map'), 'nothing', 'say')).rejects.toMatchObject({ hint: 'It has none.' })
    await expect(rename(root, 'echo', 'Say!')).rejects.toThrow(code('SPEC_INVALID'))
    expect(contents(root)).toEqual(before)
  })
})

describe('an operation that is removed', () => {
  test('leaves the plugin as it was before it was added', async () => {
    const root = await byHand()
    const before = contents(root)
    await add(root)
    editSpec(root, () => undefined)
    await remove(root, 'shout')
    const { 'plugin.spec.json': spec = '', 'manifest.json': _manifest, ...others } = contents(root)
    const { 'plugin.spec.json': specBefore = '', 'manifest.json': __manifest, ...othersBefore } = before
    expect(others).toEqual(othersBefore)
    expect(JSON.parse(spec)).toEqual(JSON.parse(specBefore))
    expect(await problemsOf(root)).toEqual([])
  })

  test('takes its probes and its budget with it, and leaves the layout alone', async () => {
    const root = await byHand()
    await add(root)
    await remove(root, 'echo')
    expect(readdirSync(join(root, 'conformance/behavior'))).toEqual(['README.md', 'shout.feature'])
    const text = read(root, 'plugin.spec.json')
    expect(text).toContain('  "id": "demo-plugin",   "publisher": "acme",\n')
    expect(text).toContain('\n  "operations": [\n    { "name": "shout",')
    expect(text).not.toContain('echo')
    expect(await problemsOf(root)).toEqual([])
  })

  test('is refused while a person imports it, but for one who insists', async () => {
    const root = fresh()
    await add(root)
    write(root, 'src/more.ts', "import { echo } from './echo.ts'\nexport const more = echo\n")
    const before = contents(root)
    await expect(remove(root, 'echo')).rejects.toMatchObject({
      code: 'OPERATION_IN_USE',
      problems: [expect.objectContaining({ file: 'src/more.ts', line: 1 })],
    })
    expect(contents(root)).toEqual(before)
    const { mentions } = await remove(root, 'echo', true)
    expect(mentions.map(({ file, line }) => `${file}:${line}`)).toEqual(['src/more.ts:1', 'src/more.ts:2'])
    expect(existsSync(join(root, 'src/echo.ts'))).toBe(false)
  })

  test('goes though none of its files is there', async () => {
    const root = fresh()
    editSpec(root, (spec) => spec.operations?.push(SHOUT))
    expect((await remove(root, 'shout')).written).toEqual(['plugin.spec.json'])
    expect(read(root, 'plugin.spec.json')).toBe(read(fresh(), 'plugin.spec.json'))
    expect(await problemsOf(root)).toEqual([])
  })

  test('leaves what something else of the spec names', async () => {
    const root = fresh()
    editSpec(root, (spec) => {
      const schema = 'schemas/echo.in.schema.json'
      spec.services = {
        provides: [{ name: 'again', request: schema, response: schema, throttle: { perSecond: 1, burst: 1 } }],
      }
      spec.permissions = [{ capability: 'service:provide:again', reason: 'r' }]
    })
    await remove(root, 'echo')
    expect(existsSync(join(root, 'schemas/echo.in.schema.json'))).toBe(true)
    expect(existsSync(join(root, 'conformance/examples/echo.in.invalid.unknown-key.json'))).toBe(true)
    expect(existsSync(join(root, 'schemas/echo.out.schema.json'))).toBe(false)
  })
})
