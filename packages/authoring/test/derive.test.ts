import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { derive, deriveFiles, driftDiffs, driftOf, readPluginFolder, readPolicies, requireSpec } from '@tenon/authoring'
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
/** A copy whose files were made one after the other, which is the order in which some file systems list them. */
function copyOf(folder: string, isBackwards: boolean): string {
  const copy = join(temporaryFolder(), basename(folder))
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .toSorted()
  for (const path of isBackwards ? paths.toReversed() : paths) write(copy, path, read(folder, path))
  return copy
}

/** As git does it where `core.autocrlf` is on. */
function checkOutWithCarriageReturns(root: string): void {
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' }))
    if (statSync(join(root, path)).isFile()) edit(root, path, (text) => text.replaceAll('\n', '\r\n'))
}

/** How many durable steps deriving takes until what it does is written down. */
async function stepsToCommit(root: string): Promise<number> {
  const renames: number[] = []
  const copy = join(temporaryFolder(), basename(root))
  cpSync(root, copy, { recursive: true })
  const counted = killingDisk(quickDisk, Infinity)
  const noting = {
    ...counted,
    rename: (from: string, to: string) => (renames.push(counted.steps()), counted.rename(from, to)),
  }
  await derive(noting, copy, policies)
  return (renames[0] ?? 0) + 1
}

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

  test('are the same bytes in whatever surroundings, from whatever checkout', async () => {
    const changed = (): string => {
      const root = fresh()
      editSpec(root, (spec) => spec.operations?.push({ name: 'shout', summary: 's', input: false, output: false }))
      edit(root, 'healthcheck.md', (text) => text.replace('Nothing yet.', 'By hand,\nin two lines.'))
      return root
    }
    const written = [...DERIVED, 'src/plugin.ts', 'src/plugin-types.ts']
    const reference = changed()
    await derive(quickDisk, reference, policies)
    const surroundings = fc.record({
      TZ: fc.constantFrom('Asia/Kathmandu', 'America/St_Johns', 'UTC'),
      LANG: fc.constantFrom('tr_TR.UTF-8', 'sv_SE.UTF-8', 'C'),
      umask: fc.constantFrom('022', '077', '000'),
      isCopiedBackwards: fc.boolean(),
      hasCarriageReturns: fc.boolean(),
    })
    const lands = fc.asyncProperty(surroundings, async ({ umask, isCopiedBackwards, hasCarriageReturns, ...env }) => {
      const [root, packs] = [changed(), policies].map((folder) => copyOf(folder, isCopiedBackwards)) as [string, string]
      if (hasCarriageReturns) checkOutWithCarriageReturns(root)
      const command = `umask ${umask} && exec "$0" "$@"`
      execFileSync('sh', ['-c', command, process.execPath, deriving, root, packs], { cwd: temporaryFolder(), env })
      const unlike = written.filter((path) => read(root, path).replaceAll('\r\n', '\n') !== read(reference, path))
      expect(unlike).toEqual([])
      expect(read(root, 'manifest.json')).not.toContain('\r')
    })
    await fc.assert(lands, { numRuns: 6 })
  })

  test('are no drift when a checkout made their lines end otherwise, which is a problem of its own', async () => {
    const root = fresh()
    checkOutWithCarriageReturns(root)
    expect(await derive(quickDisk, root, policies)).toEqual([])
    const codes = (await problemsOf(root)).map(({ code: what }) => what)
    expect(new Set(codes)).toEqual(new Set(['TREE']))
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

  test('are all old or all new to whoever reads them next, whenever deriving is killed', async () => {
    const changed = (): string => {
      const root = fresh()
      editSpec(root, (spec) => {
        spec.name = 'Another'
        spec.runtime = { kind: 'node', entry: 'src/plugin.mjs' }
      })
      write(root, 'src/plugin.mjs', read(root, 'src/plugin.ts'))
      rmSync(join(root, 'src/plugin.ts'))
      return root
    }
    const seen = async (root: string): Promise<string[]> =>
      (await readPluginFolder(quickDisk, root)).files.map(({ path, bytes }) => `${path} ${bytes.toString()}`)
    const wanted = changed()
    const before = await seen(wanted)
    await derive(quickDisk, wanted, policies)
    const after = await seen(wanted)
    const ends = { old: 0, new: 0 }
    for (let step = 0; ; step += 1) {
      const root = changed()
      try {
        await derive(killingDisk(quickDisk, step), root, policies)
        break
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Killed)
        const left = await seen(root)
        expect([before, after]).toContainEqual(left)
        ends[left.join() === after.join() ? 'new' : 'old'] += 1
        expect(existsSync(join(root, '.changes.aside'))).toBe(false)
        await derive(quickDisk, root, policies)
        expect(await seen(root)).toEqual(after)
      }
    }
    expect(Math.min(ends.old, ends.new)).toBeGreaterThan(10)
  })

  test('leave alone what a person edited after a kill', async () => {
    const root = fresh()
    editSpec(root, (spec) => (spec.name = 'Another'))
    const committed = await stepsToCommit(root)
    await expect(derive(killingDisk(quickDisk, committed), root, policies)).rejects.toBeInstanceOf(Killed)
    edit(root, 'README_PLUGIN.md', (text) => `${text}By hand.\n`)
    const folder = await readPluginFolder(quickDisk, root)
    expect(folder.text('README_PLUGIN.md')).toMatch(/^# Demo plugin\n[^]*By hand\.\n$/)
    expect(folder.text('manifest.json')).toContain('"name": "Another"')
  })

  test.each([
    ['climbs out of it', '../outside.txt'],
    ['is absolute', '/outside.txt'],
    ['goes through a link', 'link/outside.txt'],
  ])('are not brought where a journal that came with a folder %s', async (_why, path) => {
    const root = fresh()
    write(root, '.changes.aside/0', 'theirs')
    write(root, '.changes.aside/journal.json', JSON.stringify([{ path, before: null, isWritten: true }]))
    symlinkSync('..', join(root, 'link'))
    await readPluginFolder(quickDisk, root)
    expect(readdirSync(join(root, '..'))).toEqual(['demo-plugin'])
    expect(existsSync(join(root, '.changes.aside'))).toBe(false)
  })

  test('leave nothing of a file that bears the name of what a killed process leaves', async () => {
    const root = fresh()
    write(root, '.changes.aside', 'theirs')
    expect((await readPluginFolder(quickDisk, root)).text('plugin.spec.json')).toBeDefined()
    expect(existsSync(join(root, '.changes.aside'))).toBe(false)
  })

  test('are not written through a link', async () => {
    const root = fresh()
    const elsewhere = temporaryFolder()
    rmSync(join(root, 'src'), { recursive: true })
    symlinkSync(elsewhere, join(root, 'src'))
    await expect(derive(quickDisk, root, policies)).rejects.toThrow(code('VALIDATION_FAILED'))
    expect(readdirSync(elsewhere)).toEqual([])
  })

  test('go when nothing implies them any more, unless a person wrote into them', async () => {
    const withoutTypes = (spec: { runtime: object }): void => {
      spec.runtime = { kind: 'node', entry: 'src/plugin.mjs' }
    }
    const root = fresh()
    editSpec(root, withoutTypes)
    write(root, 'src/plugin.mjs', read(root, 'src/plugin.ts'))
    rmSync(join(root, 'src/plugin.ts'))
    expect(await told(root)).toContain('src/plugin-types.ts was derived, and the spec implies it no more')
    const folder = await readPluginFolder(quickDisk, root)
    const { policies: governing } = await readPolicies(quickDisk, policies)
    expect(driftDiffs(requireSpec(folder), governing, folder)).toContainEqual({
      file: 'src/plugin-types.ts',
      diff: expect.stringMatching(/^--- src\/plugin-types\.ts\n\+\+\+ \/dev\/null\n@@ -1,\d+ \+0,0 @@\n-/),
    })
    const files = deriveFiles(requireSpec(folder), governing, folder).map(({ path }) => path)
    expect(files.filter((path) => path.startsWith('src/'))).toEqual(['src/plugin.mjs'])
    expect(await derive(quickDisk, root, policies)).toContain('src/plugin-types.ts')
    expect(existsSync(join(root, 'src/plugin-types.ts'))).toBe(false)
    expect(read(root, 'manifest.json')).not.toContain('plugin-types')
    const written = fresh()
    edit(written, 'src/plugin-types.ts', (text) => `${text}export type Mine = 1\n`)
    await derive(quickDisk, written, policies)
    editSpec(written, withoutTypes)
    write(written, 'src/plugin.mjs', read(written, 'src/plugin.ts'))
    rmSync(join(written, 'src/plugin.ts'))
    await expect(derive(quickDisk, written, policies)).rejects.toThrow(code('FENCE_BROKEN'))
    expect(read(written, 'src/plugin-types.ts')).toContain('Mine')
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

  test('is shown as a difference that patch would take', async () => {
    const root = fresh()
    edit(root, 'README_PLUGIN.md', (text) => text.replace('# Demo', '# Dema'))
    rmSync(join(root, 'healthcheck.md'))
    const folder = await readPluginFolder(nodeDisk, root)
    const { policies: governing } = await readPolicies(nodeDisk, policies)
    const [readme, health] = driftDiffs(requireSpec(folder), governing, folder)
    expect(readme).toMatchObject({
      file: 'README_PLUGIN.md',
      diff: expect.stringMatching(
        /^--- README_PLUGIN\.md\n\+\+\+ README_PLUGIN\.md\n@@ -1,4 \+1,4 @@\n-# Dema plugin\n\+# Demo/,
      ),
    })
    expect(health?.diff).toMatch(/^--- \/dev\/null\n\+\+\+ healthcheck\.md\n@@ -0,0 /)
  })

  test('is mended by the one command that each problem names', async () => {
    const root = fresh()
    editSpec(root, (spec) => (spec.description = 'Changed.'))
    const folder = await readPluginFolder(nodeDisk, root)
    const governing = await readPolicies(nodeDisk, policies)
    const problems = driftOf(requireSpec(folder), governing.policies, folder)
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
