import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { newPlugin, SCAFFOLD_KINDS, validatePlugin } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import { Killed, killingDisk, temporaryFolder } from '@tenon/testkit'
import { at, code, DERIVED, edit, policies, quickDisk, scaffold, scaffoldOnce } from './plugins.ts'

const fresh = scaffoldOnce()
const sdk = fileURLToPath(new URL('../../sdk', import.meta.url))
const wanted = { id: 'demo-plugin', kind: 'node', publisher: 'acme' } as const

/** Runs a program in a folder with nothing of this process's surroundings but where programs lie. */
const run = (cwd: string, program: string, args: string[]) =>
  promisify(execFile)(program, args, { cwd, env: { PATH: process.env['PATH'] ?? '' } })

describe('a new plugin', () => {
  test.each(SCAFFOLD_KINDS)('of kind %s validates at once', async (kind) => {
    const { root, files } = await scaffold(kind, 'word-count', temporaryFolder())
    expect((await validatePlugin(nodeDisk, root, policies, at)).problems).toEqual([])
    expect(files).toEqual(expect.arrayContaining([...DERIVED, 'plugin.spec.json', 'CHANGELOG.md', '.gitattributes']))
  })

  test.each(['node', 'remote', 'map'] as const)(
    'of kind %s passes its own tests, which fail when its code is broken',
    async (kind) => {
      const root = fresh(kind)
      mkdirSync(join(root, 'node_modules/@tenon'), { recursive: true })
      symlinkSync(sdk, join(root, 'node_modules/@tenon/sdk'))
      const testing = () => run(root, process.execPath, ['--test', 'tests/*.ts'])
      expect((await testing()).stdout).toMatch(/pass [1-9]\d*\n[\s\S]*fail 0\n/)
      const [file, from, to] = {
        node: ['src/echo.ts', 'input.text }', "input.text + '!' }"],
        remote: ['src/server.ts', '/api/echo', '/api/nowhere'],
        map: ['src/extractor.ts', 'words.length }', 'words.length + 1 }'],
      }[kind] as [string, string, string]
      edit(root, file, (text) => text.replace(from, to))
      await expect(testing()).rejects.toMatchObject({ code: 1 })
    },
  )

  test.each([
    ['python', 'src/demo_plugin/run.py', 'if dry_run:', 'if not dry_run:'],
    ['python', 'src/demo_plugin/run.py', 'if not dataset_dir.is_dir():', 'if False:'],
    ['container', 'src/count.py', 'if not dataset.is_dir():', 'if False:'],
  ] as const)(
    'of kind %s passes its own tests, found by unittest itself, which fail when %s has no "%s"',
    async (kind, file, from, to) => {
      const root = fresh(kind)
      const testing = () => run(root, 'python3', ['-m', 'unittest'])
      expect((await testing()).stderr).toMatch(/Ran [23] tests[\s\S]*OK/)
      edit(root, file, (text) => text.replace(from, to))
      await expect(testing()).rejects.toMatchObject({ code: 1 })
    },
  )

  test.each([
    ['node', 'src/echo.ts', /  if .*\n/],
    ['remote', 'src/server.ts', " && input['text'].trim() !== ''"],
  ] as const)('of kind %s has a test of what it refuses', async (kind, file, refusal) => {
    const root = fresh(kind)
    mkdirSync(join(root, 'node_modules/@tenon'), { recursive: true })
    symlinkSync(sdk, join(root, 'node_modules/@tenon/sdk'))
    edit(root, file, (text) => text.replace(refusal, ''))
    const testing = run(root, process.execPath, ['--test', 'tests/*.ts'])
    await expect(testing).rejects.toMatchObject({
      stdout: expect.stringMatching(/not ok .* refuses a blank text|✖ refuses a blank text/),
    })
  })

  test('never overwrites a folder', async () => {
    const parent = temporaryFolder()
    mkdirSync(join(parent, 'demo-plugin'))
    await expect(scaffold('node', 'demo-plugin', parent)).rejects.toThrow(code('PLUGIN_EXISTS'))
    expect(readdirSync(join(parent, 'demo-plugin'))).toEqual([])
  })

  test.each([
    ['Demo', 'acme'],
    ['demo', 'Acme'],
    ['../demo', 'acme'],
  ])('%s of %s is refused', async (id, publisher) => {
    const making = newPlugin(quickDisk, temporaryFolder(), policies, { id, kind: 'node', publisher })
    await expect(making).rejects.toThrow(code('REFERENCE_INVALID'))
  })

  test('is there whole or not at all, whenever making it is killed', async () => {
    const parent = temporaryFolder()
    let step = 0
    for (; ; step += 1) {
      try {
        await newPlugin(killingDisk(quickDisk, step), parent, policies, wanted)
        break
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Killed)
        if (!existsSync(join(parent, 'demo-plugin'))) continue
        // Only the last step, which brings the rename to the medium, is killed with the plugin there.
        expect((await validatePlugin(nodeDisk, join(parent, 'demo-plugin'), policies, at)).problems).toEqual([])
        break
      }
    }
    expect(step).toBeGreaterThan(50)
    expect(readdirSync(parent)).toEqual(['demo-plugin'])
  })
})
