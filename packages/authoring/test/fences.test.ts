import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { derive } from '@tenon/authoring'
import {
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
const operation = (name: string) => ({ name, summary: 's', input: false, output: false })

describe('a fence', () => {
  test('follows the spec and leaves the rest of the file alone', async () => {
    const root = fresh()
    edit(root, 'src/plugin.ts', (text) => `// mine above\n${text}// mine below\n`)
    editSpec(root, (spec) => spec.operations?.push(operation('say_twice')))
    await derive(quickDisk, root, policies)
    const text = read(root, 'src/plugin.ts')
    expect(text).toContain("import { sayTwice } from './say_twice.ts'")
    expect(text).toContain('const operations = { echo, say_twice: sayTwice }')
    expect(text.startsWith('// mine above\n')).toBe(true)
    expect(text.endsWith('// mine below\n')).toBe(true)
  })

  test('gives each operation a function of its own, whatever its name', async () => {
    const root = fresh()
    editSpec(root, (spec) => (spec.operations = ['a_b', 'a_1', 'a1', 'delete', 'a__b'].map(operation)))
    await derive(quickDisk, root, policies)
    expect(read(root, 'src/plugin.ts')).toContain(
      'const operations = { a_b: aB, a_1, a1, delete: deleteOperation, a__b: a_B }',
    )
  })

  test('imports files of the same kind as the entry', async () => {
    const root = fresh()
    editSpec(root, (spec) => (spec.runtime = { kind: 'node', entry: 'src/plugin.mjs' }))
    write(root, 'src/plugin.mjs', read(root, 'src/plugin.ts'))
    for (const path of ['src/plugin.ts', 'src/plugin-types.ts']) rmSync(join(root, path))
    await derive(quickDisk, root, policies)
    expect(read(root, 'src/plugin.mjs')).toContain("import { echo } from './echo.mjs'")
  })

  test('of a spec without operations is empty of them', async () => {
    const root = fresh()
    editSpec(root, (spec) => Reflect.deleteProperty(spec, 'operations'))
    await derive(quickDisk, root, policies)
    expect(read(root, 'src/plugin.ts')).toContain('\nconst operations = {}\n// <auto:end')
  })
})

describe('a damaged fence', () => {
  test.each([
    [
      'an edit inside',
      (text: string) => text.replace('operations = {', 'operations =  {'),
      'src/plugin.ts:3 what is inside the fence "operations" was edited by hand',
    ],
    [
      'a lost end',
      (text: string) => text.replace(/.*auto:end.*\n/, ''),
      'src/plugin.ts:3 the fence "operations" does not end',
    ],
    [
      'a lost beginning',
      (text: string) => text.replace(/.*auto:begin.*\n/, ''),
      'src/plugin.ts:6 the fence "operations" ends but did not begin',
    ],
    [
      'another end',
      (text: string) => text.replace('end id=operations', 'end id=other'),
      'src/plugin.ts:7 the fence "other" ends but did not begin',
    ],
    [
      'a malformed line',
      (text: string) => text.replace('gen=node@2 ', ''),
      'src/plugin.ts:3 a fence line is malformed',
    ],
    [
      'a nested fence',
      (text: string) => text.replace(/(.*auto:begin.*\n)/, '$1$1'),
      'src/plugin.ts:4 the fence "operations" begins inside the fence "operations"',
    ],
    ['the fence twice', (text: string) => text + text, 'src/plugin.ts:12 the fence "operations" occurs twice'],
    [
      'a fence that nobody wants',
      (text: string) => text.replaceAll('operations', 'other'),
      'src/plugin.ts:3 nothing is derived into the fence "other"',
    ],
    ['no fence at all', () => 'export default {}\n', 'src/plugin.ts the fence "operations" is missing'],
  ])('by %s is told with its place, and deriving stops before it', async (_what, change, message) => {
    const root = fresh()
    edit(root, 'src/plugin.ts', change)
    const before = read(root, 'src/plugin.ts')
    expect(await told(root)).toContain(message)
    await expect(derive(quickDisk, root, policies)).rejects.toMatchObject({
      code: 'FENCE_BROKEN',
      hint: expect.any(String),
      problems: expect.arrayContaining([expect.objectContaining({ file: 'src/plugin.ts', hint: expect.any(String) })]),
    })
    expect(read(root, 'src/plugin.ts')).toBe(before)
  })

  test('that was moved to another file is told at both', async () => {
    const root = fresh()
    write(root, 'src/other.ts', read(root, 'src/plugin.ts'))
    write(root, 'src/plugin.ts', "export { default } from './other.ts'\n")
    expect(await toldOfChange(root)).toEqual([
      'src/other.ts:3 nothing is derived into the fence "operations"',
      'src/plugin.ts the fence "operations" is missing',
    ])
  })

  test('hides no other drift, but is what must be mended first', async () => {
    const root = fresh()
    edit(root, 'src/plugin.ts', (text) => text.replace('operations = {', 'operations =  {'))
    edit(root, 'README_PLUGIN.md', (text) => text.replace('# Demo', '# Dema'))
    const codes = (await problemsOf(root)).map(({ code: what }) => what)
    expect(codes).toEqual(['FENCE_BROKEN', 'CHECKSUM_MISMATCH', 'CHECKSUM_MISMATCH'])
  })

  test('is mended when it is emptied and derived again', async () => {
    const root = fresh()
    const whole = read(root, 'src/plugin.ts')
    edit(root, 'src/plugin.ts', (text) => text.replace('operations = {', 'operations =  {'))
    const [problem] = await problemsOf(root)
    expect(problem?.hint).toBe(
      'Run "tenon plugin derive demo-plugin --adopt", which moves your lines behind the fence.',
    )
    edit(root, 'src/plugin.ts', (text) => text.replace(/(auto:begin.*\n)[^]*(\/\/ <auto:end)/, '$1$2'))
    await derive(quickDisk, root, policies)
    expect(read(root, 'src/plugin.ts')).toBe(whole)
    expect(await problemsOf(root)).toEqual([])
  })

  test('that is missing is mended with the two lines that its hint gives', async () => {
    const root = fresh()
    const whole = read(root, 'src/plugin.ts')
    const [before = '', after = ''] = whole.split(/\/\/ <auto:begin[^]*auto:end.*\n/)
    write(root, 'src/plugin.ts', `${before}${after}`)
    const [problem] = await problemsOf(root)
    const [begin, end] = [...(problem?.hint ?? '').matchAll(/"(\/\/[^"]+)"/g)].map(([, line]) => line)
    write(root, 'src/plugin.ts', `${before}${begin}\n${end}\n${after}`)
    await derive(quickDisk, root, policies)
    expect(read(root, 'src/plugin.ts')).toBe(whole)
  })

  test('of a plugin whose entry is missing is no matter: the entry is', async () => {
    const root = fresh()
    rmSync(join(root, 'src/plugin.ts'))
    expect(await told(root)).toContain('src/plugin.ts is missing')
    await expect(derive(quickDisk, root, policies)).resolves.toEqual(['manifest.json'])
  })

  test('in Python is one as well, though nothing is derived into it', async () => {
    const root = fresh('python')
    edit(root, 'src/demo_plugin/run.py', (text) => `# <auto:begin id=a gen=b sha256=c>\n${text}`)
    expect(await told(root)).toContain('src/demo_plugin/run.py:1 a fence line is malformed')
  })
})
