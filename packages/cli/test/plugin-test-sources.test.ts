import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Parsed } from './in-process.ts'
import { made } from './tested-plugin.ts'

const deep = (levels: number): string => `export const deep = ${'('.repeat(levels)}1${')'.repeat(levels)}\n`

test('types are checked of all TypeScript, each fault with its file and line, whatever a plugin says of it', async () => {
  const { write, at } = await made()
  write({
    'src/wrong.ts': `import { readFileSync } from 'node:fs'\n\nexport const text: number = readFileSync('a', 'utf8')\n`,
    'tests/wrong.ts': `import { text } from '../src/wrong.ts'\nexport const more: { a: { b: string } } = { a: { b: text } }\n`,
    'src/silent.ts': `/** A file. */\n// @ts-nocheck\nexport const silent: string = 1\n`,
    'tsconfig.json': { compilerOptions: { noCheck: true, strict: false }, exclude: ['**'] },
  })
  const { code, gate } = await at('types')
  const fault = (file: string, line: number, message: string) => ({ code: 'TYPES_INVALID', file, line, message })
  expect([code, gate.problems]).toMatchObject([
    1,
    [
      fault('src/wrong.ts', 3, "TS2322: Type 'string' is not assignable to type 'number'."),
      fault('tests/wrong.ts', 2, "TS2322: Type 'number' is not assignable to type 'string'."),
      fault('src/silent.ts', 2, '@ts-nocheck keeps its types from being checked'),
    ],
  ])
})

test('of a fault of types that lies in no file of the plugin nothing is said', async () => {
  const { write, at } = await made()
  write({
    '../../node_modules/own/package.json': { name: 'own', version: '1.0.0', type: 'module', exports: './index.ts' },
    '../../node_modules/own/index.ts': `export const wrong: number = 'x'\n`,
    'package.json': { dependencies: { own: '1' } },
    'src/more.ts': `export { wrong } from 'own'\n`,
  })
  expect(await at('types')).toMatchObject({ code: 0, gate: { verdict: 'pass', problems: [] } })
  write({
    'src/more.ts': `declare module '@tenon/sdk' {\n  interface PluginError {\n    code: number\n  }\n}\nexport {}\n`,
  })
  const { code, gate } = await at('types')
  expect([code, [...new Set(gate.problems.map(({ file }: Parsed) => file))]]).toEqual([1, ['src/more.ts']])
})

test('faults of types are told up to a mebibyte of them, and none by halves', async () => {
  const { write, at } = await made()
  const lines = Array.from({ length: 12_000 }, (_, index) => `export const a${index}: string = 1\n`)
  write({ 'src/many.ts': lines.join('') })
  const { code, gate } = await at('types')
  const line = gate.problems.length
  expect([code, gate.problems.at(-1)]).toMatchObject([
    1,
    { file: 'src/many.ts', line, message: "TS2322: Type 'number' is not assignable to type 'string'." },
  ])
  expect(line).toBeLessThan(lines.length)
})

/** Deeper than the stack, or the memory, of what reads it. */
const DEEP: [string, string, string, string][] = [
  ['types', 'node', 'src/deep.ts', deep(2_000_000)],
  ['lint', 'node', 'src/deep.ts', deep(200_000)],
  ['lint', 'python', 'src/demo/deep.py', `a = ${'-'.repeat(1_000_000)}1\n`],
]

test.each(DEEP)('%s of code of kind %s that is not read to its end fails', async (name, kind, file, text) => {
  const { write, at } = await made(kind)
  write({ [file]: text })
  const untold = { file: 'src', message: expect.stringMatching(/^its code could not be read to the end: /) }
  expect(await at(name)).toMatchObject({ code: 1, gate: { verdict: 'fail', problems: [untold] } })
})

test('a script that cannot be read is named', async () => {
  const { root, at } = await made()
  writeFileSync(join(root, 'src/bytes.mjs'), Buffer.of(0xff, 0xfe))
  const message = expect.stringContaining('src/bytes.mjs with error "stream did not contain valid UTF-8"')
  expect(await at('lint')).toMatchObject({
    code: 1,
    gate: { problems: [{ code: 'LINT_FAILED', file: 'src', message }] },
  })
})

test('of a plugin without code it is said that it has none', async () => {
  const { root, at } = await made('container')
  for (const folder of ['src', 'tests']) rmSync(join(root, folder), { recursive: true })
  expect((await at('lint')).gate).toMatchObject({ verdict: 'idle', checked: 0, notes: ['it has no code'] })
})

test('a script that is next to certainly wrong fails, whatever a plugin says of how it is looked at', async () => {
  const { write, at } = await made()
  write({
    'src/wrong.ts': 'export const same = (x: number): boolean => {\n  debugger\n  return x === Number.NaN\n}\n',
    'src/syntax.mjs': 'export const = 1\n',
    '.oxlintrc.json': { rules: { 'no-debugger': 'off', 'use-isnan': 'off' } },
    '.eslintignore': 'src\n',
  })
  const { code, gate } = await at('lint')
  expect(code).toBe(1)
  expect(gate.problems).toHaveLength(3)
  expect(gate.problems).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ code: 'LINT_FAILED', file: 'src/wrong.ts', line: 2, hint: expect.any(String) }),
      expect.objectContaining({
        file: 'src/wrong.ts',
        line: 3,
        message: expect.stringContaining('(eslint(use-isnan))'),
      }),
      expect.objectContaining({ file: 'src/syntax.mjs', line: 1 }),
    ]),
  )
})

test('Python is compiled, never run, and what its compiler warns of fails', async () => {
  const { root, write, at } = await made('python')
  write({
    'src/demo/wrong.py': 'def same(x):\n    return x is 1\n',
    'src/demo/syntax.py': 'def (:\n',
    'src/demo/runs.py': `open(${JSON.stringify(`${root}/ran`)}, 'w')\nraise SystemExit(3)\n`,
    'src/demo/zero.py': 'a = 1\0\n',
  })
  const { code, gate } = await at('lint')
  expect([code, gate.problems.map(({ file, line }: { file: string; line?: number }) => [file, line])]).toEqual([
    1,
    expect.arrayContaining([
      ['src/demo/wrong.py', 2],
      ['src/demo/syntax.py', 1],
      ['src/demo/zero.py', undefined],
    ]),
  ])
  expect(gate.problems).toHaveLength(3)
})
