import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { derive, validatePlugin } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import { temporaryFolder } from '@tenon/testkit'
import {
  at,
  code,
  edit,
  editSpec,
  policies,
  problemsOf,
  quickDisk,
  read,
  scaffoldOnce,
  told,
  toldOfChange,
  write,
} from './plugins.ts'

const fresh = scaffoldOnce()

/** Harms a fresh plugin and says what the gates say, but for what derives from the harm. */
async function after(harm: (root: string) => void): Promise<string[]> {
  const root = fresh()
  harm(root)
  return toldOfChange(root)
}

describe('the gates', () => {
  test('each say what they looked at', async () => {
    const { gates } = await validatePlugin(nodeDisk, fresh(), policies, at)
    expect(gates.map(({ gate, checked, idle }) => [gate, checked, ...(idle === undefined ? [] : [idle])])).toEqual([
      ['spec', 1],
      ['policies', 2],
      ['baseline', 10],
      ['tree', 19],
      ['assets', 19],
      ['ranges', 1],
      ['files', 1],
      ['schemas', 2],
      ['operations', 1],
      ['owners', 5],
      ['references', 0, 'its code names no schema and no example'],
      ['settings', 0, 'it has no settings'],
      ['changelog', 1],
      ['links', 0, 'its documents have no links'],
      ['blocks', 1],
      ['compatibility', 0, 'nothing was released'],
      ['policy', 3],
      ['waivers', 0, 'nothing is waived for it'],
      ['probes', 1],
      ['snapshot', 1],
      ['derived', 7],
      ['checksums', 18],
    ])
  })

  test.each<[string, (root: string) => void, string]>([
    [
      'a lost folder',
      (root) => rmSync(join(root, 'conformance'), { recursive: true }),
      'conformance/ is missing or empty',
    ],
    [
      'an empty folder',
      (root) => (rmSync(join(root, 'conformance'), { recursive: true }), mkdirSync(join(root, 'conformance'))),
      'conformance/ is missing or empty',
    ],
    ['another id', (root) => editSpec(root, (spec) => (spec.id = 'another')), '. is the folder of "another"'],
    [
      'a name that Windows refuses',
      (root) => write(root, 'aux.md', 'a\n'),
      'aux.md has a name that is reserved on some system',
    ],
    [
      'names that differ in case',
      (root) => (write(root, 'a.md', 'a\n'), write(root, 'A.md', 'a\n')),
      'a.md differs from "A.md" only in case',
    ],
    ['a link', (root) => symlinkSync('/etc/passwd', join(root, 'src/secrets')), 'src/secrets is no regular file'],
    ['a carriage return', (root) => write(root, 'notes.md', 'a\r\n'), 'notes.md holds carriage returns'],
    [
      'a carriage return in a text of any name',
      (root) => write(root, 'Makefile', 'a:\r\n'),
      'Makefile holds carriage returns',
    ],
    ['a text that is no UTF-8', (root) => write(root, 'notes.md', Uint8Array.of(0xff)), 'notes.md is not UTF-8'],
    [
      'a bad range',
      (root) => editSpec(root, (spec) => (spec.dependencies = { 'acme/other': 'new' })),
      'plugin.spec.json:27 "new" is no version range',
    ],
    [
      'a lost entry',
      (root) => editSpec(root, (spec) => (spec.runtime = { kind: 'node', entry: 'src/gone.ts' })),
      'src/gone.ts is missing',
    ],
    [
      'a lost module of Python',
      (root) => editSpec(root, (spec) => (spec.runtime = { kind: 'python', entryPoint: 'a.b:c.d' })),
      'src/a/b.py is missing',
    ],
    [
      'a lost project file',
      (root) =>
        editSpec(root, (spec) => (spec.runtime = { kind: 'python', entryPoint: 'a:b', project: 'pyproject.toml' })),
      'pyproject.toml is missing',
    ],
    [
      'a lost probe request',
      (root) =>
        editSpec(root, (spec) => (spec.health = { probes: [{ id: 'echo', kind: 'op', request: 'probes/a.json' }] })),
      'probes/a.json is missing',
    ],
    [
      'a lost example',
      (root) => rmSync(join(root, 'examples/echo_request.json')),
      'examples/echo_request.json is missing',
    ],
    [
      'an example that breaks its schema',
      (root) => write(root, 'examples/echo_request.json', '{\n"text": 3}'),
      'examples/echo_request.json:2 3 must be string',
    ],
    [
      'an example with a key too many',
      (root) => write(root, 'examples/echo_request.json', '{"text": "a", "txet": "b"}'),
      'examples/echo_request.json:1 the key "txet" is not known here',
    ],
    [
      'an example that is no JSON',
      (root) => write(root, 'examples/echo_response.json', '{'),
      'examples/echo_response.json:1 expected a key but found the end of the text at line 1, column 2',
    ],
    [
      'an example of what there is not',
      (root) => editSpec(root, (spec) => Object.assign(spec.operations?.[0] ?? {}, { input: false })),
      'examples/echo_request.json:1 must be null: the operation has no such document',
    ],
    [
      'lost tests',
      (root) => rmSync(join(root, 'tests/test_echo.ts')),
      'tests/test_echo.ts or tests/test_echo.mjs or tests/test_echo.js or tests/test_echo.py is missing: the operation "echo" has no tests',
    ],
    [
      'lost tests that the spec names',
      (root) => editSpec(root, (spec) => Object.assign(spec.operations?.[0] ?? {}, { tests: 'tests/all.ts' })),
      'tests/all.ts is missing: the operation "echo" has no tests',
    ],
    [
      'tests that assert nothing',
      (root) => write(root, 'tests/test_echo.ts', 'export {}\n'),
      'tests/test_echo.ts:1 asserts nothing',
    ],
    [
      'a default that breaks its pattern',
      (root) =>
        editSpec(
          root,
          (spec) => (spec.settings = { word: { type: 'single-string', label: 'w', pattern: '^a', default: 'b' } }),
        ),
      'plugin.spec.json:31 "b" does not match its own pattern, ^a',
    ],
    [
      'a probe that sends nothing to an operation with an input',
      (root) => edit(root, 'healthcheck.md', (text) => text.replace(/^request: .*\n/m, '')),
      'healthcheck.md:10 "echo" takes an input, and the probe sends none',
    ],
    [
      'a probe of an operation where there are none',
      (root) => editSpec(root, (spec) => Reflect.deleteProperty(spec, 'operations')),
      'healthcheck.md:10 there is no operation "echo"',
    ],
    ['no spec', (root) => rmSync(join(root, 'plugin.spec.json')), 'plugin.spec.json is missing'],
    [
      'a spec with a fault',
      (root) => editSpec(root, (spec) => (spec['permision'] = [])),
      'plugin.spec.json:26 the key "permision" is not known here',
    ],
  ])('find %s', async (_what, harm, message) => {
    expect(await after(harm)).toContain(message)
  })

  test.each<[string, (root: string) => void]>([
    ['bytes that are no text', (root) => write(root, 'icon.png', Uint8Array.of(0x89, 0x50, 0xff, 13, 10))],
    ['bytes with a NUL', (root) => write(root, 'data.bin', Uint8Array.of(0, 13, 10))],
    [
      'tests that the spec names',
      (root) => (
        editSpec(root, (spec) => Object.assign(spec.operations?.[0] ?? {}, { tests: 'tests/all.ts' })),
        write(root, 'tests/all.ts', 'expect(1).rejects\n')
      ),
    ],
    [
      'a default that fits its pattern',
      (root) =>
        editSpec(
          root,
          (spec) =>
            (spec.settings = {
              word: { type: 'single-string', label: 'w', pattern: '^a', default: 'ab' },
              on: { type: 'boolean-flag', label: 'o' },
            }),
        ),
    ],
    [
      'code that names a schema that is there',
      (root) => write(root, 'src/names.ts', "export const path = '../schemas/echo.in.schema.json'\n"),
    ],
    [
      'a document that shows a file as it lies',
      (root) => {
        const shown = `\`\`\`json examples/echo_request.json\n${read(root, 'examples/echo_request.json')}\`\`\`\n`
        write(root, 'docs/use.md', `# Use\n\n${shown}`)
      },
    ],
    ['a file that nobody may write', (root) => chmodSync(join(root, 'src/echo.ts'), 0o444)],
  ])('pass %s', async (_what, harm) => {
    expect(await after(harm)).toEqual([])
  })

  test('tell of a snapshot without packs and without its maker, where there are no packs', async () => {
    const root = fresh()
    write(root, 'policy_snapshot.json', '{ "packs": 1, "resolver": 1 }')
    expect(await told(root, temporaryFolder())).toContain(
      'policy_snapshot.json is not of the policies of today: its values were resolved by nobody knows what',
    )
  })

  test('say nothing of a folder that is not there', async () => {
    await expect(validatePlugin(nodeDisk, '/nowhere', policies, at)).rejects.toThrow(code('PLUGIN_UNKNOWN'))
    const root = fresh()
    await expect(validatePlugin(nodeDisk, join(root, 'plugin.spec.json'), policies, at)).rejects.toThrow(
      code('PLUGIN_UNKNOWN'),
    )
  })

  test('report a lost file once, whoever names it', async () => {
    const found = await after((root) => {
      editSpec(root, (spec) => {
        spec.health = { probes: [{ id: 'echo', kind: 'op', request: 'examples/echo_request.json' }] }
        Object.assign(spec.operations?.[0] ?? {}, { tests: 'tests/all.ts' })
      })
      rmSync(join(root, 'examples/echo_request.json'))
    })
    expect(found).toEqual([
      'examples/echo_request.json is missing',
      'tests/all.ts is missing: the operation "echo" has no tests',
    ])
  })

  test('report every fault at once', async () => {
    const root = fresh()
    write(root, 'examples/echo_request.json', '{}')
    write(root, 'notes.md', 'a\r\n')
    edit(root, 'README_PLUGIN.md', (text) => text.replace('# Demo', '# Dema'))
    const files = (await problemsOf(root)).map(({ file }) => file)
    expect(files).toEqual([
      'notes.md',
      'examples/echo_request.json',
      'healthcheck.md',
      'README_PLUGIN.md',
      'README_PLUGIN.md',
      'examples/echo_request.json',
      'notes.md',
    ])
  })
})

describe('the changelog', () => {
  test.each([
    ['# Changelog\n\n## 0.1.0\n\nText.\n', []],
    ['# Changelog\n\n## [0.1.0] - 2026-01-31\n- Text.\n', []],
    ['## v0.1.0\nText.\n\n## 0.0.9\n', []],
    ['# Changelog\n\n## 0.1.0-rc.1\n\nText.\n', ['CHANGELOG.md there is no section for 0.1.0']],
    ['# Changelog\n\n## 0.1.01\n\nText.\n', ['CHANGELOG.md there is no section for 0.1.0']],
    ['Nothing of 0.1.0.\n', ['CHANGELOG.md there is no section for 0.1.0']],
    ['## 0.1.0\n\n## 0.0.9\n\nText.\n', ['CHANGELOG.md the section for 0.1.0 says nothing']],
    [undefined, ['CHANGELOG.md is missing']],
  ])('%j gives %j', async (text, expected) => {
    const found = await after((root) => {
      rmSync(join(root, 'CHANGELOG.md'))
      if (text !== undefined) write(root, 'CHANGELOG.md', text)
    })
    expect(found).toEqual(expected)
  })
})

describe('links of the documents', () => {
  const notes = (text: string) => (root: string) =>
    edit(root, 'README_PLUGIN.md', (before) => before.replace('Nothing yet.', text))

  test.each([
    ['[a](CHANGELOG.md) ![b](src/) <https://a.org> [c](https://a.org/gone) [d](#operations)', []],
    ['[a](CHANGELOG.md#changelog) and [the notes](#notes), [mail](mailto:a@b.org)', []],
    ['`[a](gone.md)` and\n\n```md\n[a](gone.md)\n```\n\n~~~\n```\n[a](gone.md)\n~~~', []],
    ['[a](gone.md)', ['leads to no file of the plugin']],
    ['[a](changelog.md)', ['leads to no file of the plugin']],
    ['[a](../../outside.md) [b](/etc/passwd)', ['leads to no file of the plugin', 'leads to no file of the plugin']],
    ['[a](gone.md#gone)', ['leads to no file of the plugin']],
    ['[a](#gone) [b](CHANGELOG.md#gone)', ['leads to no heading', 'leads to no heading']],
  ])('%j gives %j', async (text, expected) => {
    const found = await after(notes(text))
    expect(found.map((line) => line.replace(/^.*" /, ''))).toEqual(expected)
  })

  test.each(['[a](gone.md)', 'Two\nlines, [a](gone.md)', '| a | b |\n| - | - |\n| c | d |\n| e | [a](gone.md) |'])(
    'are named with file and line: %j',
    async (text) => {
      const root = fresh()
      notes(text)(root)
      await derive(quickDisk, root, policies)
      const lines = read(root, 'README_PLUGIN.md').split('\n')
      const line = lines.findIndex((one) => one.includes('gone.md')) + 1
      expect(await told(root)).toEqual([`README_PLUGIN.md:${line} "gone.md" leads to no file of the plugin`])
    },
  )
})
