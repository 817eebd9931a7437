import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { derive, packPlugin, writePacked } from '@tenon/authoring'
import { newSigningKey, nodeDisk, openBundle, readArchive, verifyEnvelope } from '@tenon/bundle'
import type { Disk } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { at, edit, editSpec, policies, quickDisk, read, scaffoldOnce, write } from './plugins.ts'

const fresh = scaffoldOnce()
const key = newSigningKey()
const pack = (root: string, disk: Disk = nodeDisk) => packPlugin(disk, root, { policies, at, key })

/** The module that a source became, of a packed plugin. */
async function moduleIn(archive: Uint8Array, path: string): Promise<string> {
  const file = (await readArchive(archive)).find((one) => one.path === path)
  return Buffer.from(file?.bytes ?? []).toString()
}

describe('packing', () => {
  test('gives the same bundle from any folder, signed', async () => {
    const [first, second] = [await pack(fresh()), await pack(fresh())]
    expect(first.archive).toEqual(second.archive)
    const bundle = openBundle(await readArchive(first.archive))
    expect(bundle.manifestDigest).toBe(first.manifestDigest)
    const { statement } = verifyEnvelope(first.envelope, () => key.publicKey)
    expect(`sha256:${statement.subject[0]?.digest.sha256}`).toBe(first.manifestDigest)
    expect(statement.predicate.gates).toContainEqual({ gate: 'operations', checked: 1, problems: 0 })
  })

  test('writes the bundle and its envelope, and says where', async () => {
    const [packed, out] = [await pack(fresh()), temporaryFolder()]
    const paths = await writePacked(nodeDisk, out, packed)
    expect(paths).toEqual({
      archive: join(out, 'demo-plugin-0.1.0.tgz'),
      envelope: join(out, 'demo-plugin-0.1.0.dsse.json'),
    })
    expect(readFileSync(paths.archive)).toEqual(Buffer.from(packed.archive))
    expect(JSON.parse(readFileSync(paths.envelope, 'utf8'))).toEqual(packed.envelope)
  })

  test('keeps the sources, and adds the module that each entry became', async () => {
    const { manifest, archive } = await pack(fresh())
    expect(manifest.entryPoints).toEqual([{ source: 'src/plugin.ts', bundled: 'dist/src/plugin.mjs' }])
    expect(Object.keys(manifest.files)).toEqual(expect.arrayContaining(['src/plugin.ts', 'dist/src/plugin.mjs']))
    const text = await moduleIn(archive, 'dist/src/plugin.mjs')
    expect(text.match(/from "(.+)"/g)).toEqual(['from "@tenon/sdk"'])
    expect(text).not.toContain(': string')
  })

  test('of a Python plugin adds nothing', async () => {
    const { manifest } = await pack(fresh('python'))
    expect(manifest.entryPoints).toEqual([{ source: 'src/demo_plugin/run.py' }])
    expect(Object.keys(manifest.files).filter((path) => path.startsWith('dist/'))).toEqual([])
  })

  test('takes in what a package gives, and leaves out what Node has', async () => {
    const root = fresh()
    write(root, 'node_modules/greeting/package.json', '{"name":"greeting","type":"module","exports":"./index.js"}')
    write(
      root,
      'node_modules/greeting/index.js',
      "import { join } from 'node:path'\nexport const greeting = join('good', 'day')\n",
    )
    write(root, 'src/echo.ts', "import { greeting } from 'greeting'\nexport const echo = () => greeting\n")
    await derive(quickDisk, root, policies)
    const { archive, manifest } = await pack(root)
    const text = await moduleIn(archive, 'dist/src/plugin.mjs')
    expect(text).toContain('"good"')
    expect(text).toContain('from "node:path"')
    expect(Object.keys(manifest.files).some((path) => path.includes('node_modules'))).toBe(false)
  })

  test('is not hindered by what the bundler only warns of', async () => {
    const root = fresh()
    write(root, 'src/echo.ts', "export const echo = () => eval('1')\n")
    await derive(quickDisk, root, policies)
    const { archive } = await pack(root)
    expect(await moduleIn(archive, 'dist/src/plugin.mjs')).toContain('eval("1")')
  })

  test('packs what was validated, though it changes meanwhile', async () => {
    const root = fresh()
    const swapping: Disk = {
      ...nodeDisk,
      read: async (path) => {
        const bytes = await nodeDisk.read(path)
        if (path.endsWith('src/echo.ts')) write(root, 'src/echo.ts', 'export const echo = () => process.exit(1)\n')
        return bytes
      },
    }
    const { archive } = await pack(root, swapping)
    expect(read(root, 'src/echo.ts')).toContain('process.exit')
    expect(await moduleIn(archive, 'dist/src/plugin.mjs')).not.toContain('process.exit')
  })

  test.each<[string, (root: string) => void, string, string]>([
    ['what does not validate', (root) => rmSync(join(root, 'tests/test_echo.ts')), 'VALIDATION_FAILED', 'problem(s)'],
    ['what has no spec', (root) => rmSync(join(root, 'plugin.spec.json')), 'VALIDATION_FAILED', 'has 1 problem(s)'],
    [
      'build metadata',
      (root) => editSpec(root, (spec) => ((spec.version = '1.0.0+7'), write(root, 'CHANGELOG.md', '## 1.0.0+7\na\n'))),
      'SPEC_INVALID',
      'build metadata',
    ],
    [
      'code that does not parse',
      (root) => write(root, 'src/echo.ts', 'export const = 1\n'),
      'SPEC_INVALID',
      'src/plugin.ts cannot be bundled: [PARSE_ERROR] Unexpected token at src/echo.ts:1:14',
    ],
    [
      'an import of what is not installed',
      (root) => write(root, 'src/echo.ts', "import a from 'not-installed'\nexport const echo = () => a\n"),
      'SPEC_INVALID',
      "Could not resolve 'not-installed'",
    ],
    [
      'an import from outside the plugin',
      (root) => (
        write(root, '../outside.ts', 'export const a = 1\n'),
        write(root, 'src/echo.ts', "export { a as echo } from '../../outside.ts'\n")
      ),
      'SPEC_INVALID',
      'outside.ts is no file of the plugin',
    ],
    [
      'an entry without a default export',
      (root) => edit(root, 'src/plugin.ts', (text) => text.replace('export default', 'export const plugin =')),
      'SPEC_INVALID',
      'src/plugin.ts cannot be bundled: it has no default export',
    ],
    [
      'two sources of one name',
      (root) => {
        editSpec(root, (spec) => (spec.runtime = { kind: 'map', extensions: ['src/a.ts', 'src/a.mjs'] }))
        for (const path of ['src/plugin.ts', 'src/plugin-types.ts']) rmSync(join(root, path))
        for (const path of ['src/a.ts', 'src/a.mjs']) write(root, path, 'export default 1\n')
      },
      'SPEC_INVALID',
      'another source becomes dist/src/a.mjs',
    ],
  ])('refuses %s', async (_what, harm, expected, message) => {
    const root = fresh()
    harm(root)
    if (expected === 'SPEC_INVALID') await derive(quickDisk, root, policies)
    await expect(pack(root)).rejects.toMatchObject({ code: expected, message: expect.stringContaining(message) })
  })
})
