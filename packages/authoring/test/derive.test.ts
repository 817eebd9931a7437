import { execFileSync } from 'node:child_process'
import { rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { derive, driftOf, readPluginFolder, readPolicyPacks, requireSpec } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import { prettyJson } from '@tenon/contract'
import { Killed, killingDisk, temporaryFolder } from '@tenon/testkit'
import {
  code,
  DERIVED,
  edit,
  editSpec,
  policies,
  problemsOf,
  quickDisk,
  read,
  scaffoldOnce,
  told,
  write,
} from './plugins.ts'

const fresh = scaffoldOnce()
const deriving = fileURLToPath(new URL('derive-process.ts', import.meta.url))
const texts = (root: string): string[] => DERIVED.map((path) => read(root, path))

describe('derived files', () => {
  test('of two different specs all differ', async () => {
    const [first, second] = [fresh(), fresh()]
    editSpec(second, (spec) => {
      spec.name = 'Another'
      spec.traits = ['handles_pii']
      spec.contracts = ['IdentityPlugin']
      spec.security = { authenticationRequired: true, dataClassification: ['pii'] }
      spec.operations?.pop()
    })
    await derive(quickDisk, second, policies)
    for (const path of DERIVED) expect(read(first, path), path).not.toBe(read(second, path))
  })

  test('that are as they should be are left untouched', async () => {
    const root = fresh()
    const past = new Date('2020-01-01')
    for (const path of DERIVED) utimesSync(join(root, path), past, past)
    expect(await derive(quickDisk, root, policies)).toEqual([])
    expect(DERIVED.map((path) => statSync(join(root, path)).mtime)).toEqual(DERIVED.map(() => past))
  })

  test('come back the same when they are lost', async () => {
    const root = fresh()
    const before = texts(root)
    for (const path of DERIVED) rmSync(join(root, path))
    expect((await derive(quickDisk, root, policies)).toSorted()).toEqual(DERIVED)
    expect(texts(root)).toEqual(before)
  })

  test('depend on no order of keys in the spec', async () => {
    const root = fresh()
    const before = texts(root)
    edit(root, 'plugin.spec.json', (text) => {
      const spec = JSON.parse(text) as object
      return prettyJson(spec).replace(/^\{/, '{ ')
    })
    await derive(quickDisk, root, policies)
    const unlike = DERIVED.filter((path, index) => read(root, path) !== before[index])
    // The manifest holds the digest of the spec's very bytes.
    expect(unlike).toEqual(['manifest.json'])
  })

  test.each([
    [{ TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8' }, '022'],
    [{ TZ: 'America/St_Johns', LANG: 'sv_SE.UTF-8', LC_ALL: 'sv_SE.UTF-8' }, '077'],
    [{ LC_ALL: 'C' }, '000'],
  ])('are the same bytes with %j and umask %s, from another folder', (env, umask) => {
    const root = fresh()
    const before = texts(root)
    for (const path of DERIVED) rmSync(join(root, path))
    const command = `umask ${umask} && exec "$0" "$@"`
    execFileSync('sh', ['-c', command, process.execPath, deriving, root, policies], { cwd: temporaryFolder(), env })
    expect(texts(root)).toEqual(before)
  })

  test('keep what a person wrote in a manual section, and only that', async () => {
    const root = fresh()
    for (const path of ['README_PLUGIN.md', 'healthcheck.md']) {
      edit(root, path, (text) => text.replace('Nothing yet.', `By hand in ${path}.`))
      edit(root, path, (text) => `${text}Lost.\n`)
    }
    await derive(quickDisk, root, policies)
    for (const path of ['README_PLUGIN.md', 'healthcheck.md']) {
      expect(read(root, path)).toContain(`By hand in ${path}.`)
      expect(read(root, path)).not.toContain('Lost.')
    }
    edit(root, 'README_PLUGIN.md', (text) => text.replace('<!-- manual:end notes -->', ''))
    await derive(quickDisk, root, policies)
    expect(read(root, 'README_PLUGIN.md')).toContain('Nothing yet.')
  })

  test('leave out what is made by running the plugin, and what a killed process left', async () => {
    const root = fresh()
    const made = ['dist/a.js', 'src/__pycache__/a.pyc', 'node_modules/a/b.js', '.runs/1/log', 'README_PLUGIN.md.aside']
    for (const path of made) write(root, path, 'x')
    expect(await problemsOf(root)).toEqual([])
    expect(await derive(quickDisk, root, policies)).toEqual([])
  })

  test('are old or new, each of them, whenever deriving is killed, and come right the next time', async () => {
    const template = fresh()
    editSpec(template, (spec) => (spec.name = 'Another'))
    const wanted = fresh()
    editSpec(wanted, (spec) => (spec.name = 'Another'))
    await derive(quickDisk, wanted, policies)
    const [before, after] = [texts(template), texts(wanted)]
    let step = 0
    for (; ; step += 1) {
      const root = fresh()
      editSpec(root, (spec) => (spec.name = 'Another'))
      try {
        await derive(killingDisk(quickDisk, step), root, policies)
        break
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Killed)
        for (const [index, text] of texts(root).entries()) expect([before[index], after[index]]).toContain(text)
        await derive(quickDisk, root, policies)
        expect(texts(root)).toEqual(after)
      }
    }
    expect(step).toBeGreaterThan(10)
  })

  test('need a valid spec, and packs that can be read', async () => {
    const root = fresh()
    const bad = temporaryFolder()
    write(bad, 'bad/1.0.0/pack.yaml', 'pack: [\n')
    await expect(derive(quickDisk, root, bad)).rejects.toThrow(code('POLICY_INVALID'))
    editSpec(root, (spec) => (spec.id = 'Bad'))
    await expect(derive(quickDisk, root, policies)).rejects.toMatchObject({
      code: 'SPEC_INVALID',
      problems: [expect.objectContaining({ file: 'plugin.spec.json', pointer: '/id', line: expect.any(Number) })],
    })
    rmSync(join(root, 'plugin.spec.json'))
    await expect(derive(quickDisk, root, policies)).rejects.toThrow(code('SPEC_INVALID'))
  })
})

describe('drift', () => {
  test.each([
    [
      'another word',
      (text: string) => text.replace('# Demo', '# Dema'),
      'differs at line 1: it has "# Dema plugin", the spec implies "# Demo plugin"',
    ],
    ['a line more', (text: string) => `${text}more\n`, expect.stringMatching(/it has "more", the spec implies ""$/)],
    ['nothing left', () => '', 'differs at line 1: it has "", the spec implies "# Demo plugin"'],
    [
      'no line break at the end',
      (text: string) => text.trimEnd(),
      expect.stringMatching(/it has no such line, the spec implies ""$/),
    ],
  ])('by %s names the first line that differs', async (_what, change, message) => {
    const root = fresh()
    edit(root, 'README_PLUGIN.md', change)
    const problems = await problemsOf(root)
    expect(problems.find(({ file }) => file === 'README_PLUGIN.md')).toMatchObject({ code: 'DERIVED_DRIFT', message })
  })

  test('by a lost file says so', async () => {
    const root = fresh()
    rmSync(join(root, 'manifest.json'))
    const lost = { file: 'manifest.json', message: 'is missing', hint: 'Run "tenon plugin derive demo-plugin".' }
    expect(await problemsOf(root)).toEqual([expect.objectContaining(lost)])
  })

  test('is mended by the one command that each problem names', async () => {
    const root = fresh()
    editSpec(root, (spec) => (spec.description = 'Changed.'))
    const folder = await readPluginFolder(nodeDisk, root)
    const { packs } = await readPolicyPacks(nodeDisk, policies)
    const problems = driftOf(requireSpec(folder), packs, folder)
    expect(problems.map(({ file }) => file)).toEqual(['README_PLUGIN.md', 'manifest.json'])
    expect(new Set(problems.map(({ hint }) => hint))).toEqual(new Set(['Run "tenon plugin derive demo-plugin".']))
    await derive(quickDisk, root, policies)
    expect(await problemsOf(root)).toEqual([])
  })
})

describe('the manifest', () => {
  const manifest = (root: string) => JSON.parse(read(root, 'manifest.json')) as Record<string, unknown>

  test('names the module at which a Python plugin is entered, be it a file or a package', async () => {
    const root = fresh('python')
    expect(manifest(root)['entryPoints']).toEqual([{ source: 'src/demo_plugin/run.py' }])
    write(root, 'src/demo_plugin/run/__init__.py', read(root, 'src/demo_plugin/run.py'))
    rmSync(join(root, 'src/demo_plugin/run.py'))
    await derive(quickDisk, root, policies)
    expect(manifest(root)['entryPoints']).toEqual([{ source: 'src/demo_plugin/run/__init__.py' }])
    expect(await problemsOf(root)).toEqual([])
  })

  test('names the code of the other kinds, and of a remote plugin none', () => {
    expect(manifest(fresh('node'))['entryPoints']).toEqual([{ source: 'src/plugin.ts' }])
    expect(manifest(fresh('map'))['entryPoints']).toEqual([{ source: 'src/extractor.ts' }])
    expect(manifest(fresh('remote'))['entryPoints']).toEqual([])
  })

  test('holds a digest of every file but itself', () => {
    const files = Object.keys(manifest(fresh())['files'] as object)
    expect(files).toEqual(files.toSorted())
    expect(files).toEqual(expect.arrayContaining(['plugin.spec.json', 'README_PLUGIN.md', '.gitattributes']))
    expect(files).not.toContain('manifest.json')
  })

  test('gives no digest of a schema that is not there or is no JSON', async () => {
    const root = fresh()
    rmSync(join(root, 'schemas/echo.in.schema.json'))
    write(root, 'schemas/echo.out.schema.json', '{"a":1,"a":2}')
    await derive(quickDisk, root, policies)
    expect(manifest(root)['operations']).toEqual([{ name: 'echo', input: null, output: null, sensitive: false }])
    expect(await told(root)).toEqual(expect.arrayContaining(['schemas/echo.in.schema.json is missing']))
  })
})
