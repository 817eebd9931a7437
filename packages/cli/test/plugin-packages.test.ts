import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { Parsed } from './in-process.ts'
import { scaffolded } from './certified-plugin.ts'
import type { Made } from './tested-plugin.ts'

const ECHO = `import { PluginError } from '@tenon/sdk'
import { praised } from '@words/praise'

export const echo = async ({ text }: { text: string }): Promise<{ text: string }> => {
  if (text.trim() === '') throw new PluginError('TEXT_BLANK', 'it is blank')
  return { text: praised(text) }
}
`

const packageFile = (name: string, dependencies: object = {}): object => ({
  ...{ name, version: '1.0.0', type: 'module', dependencies },
  exports: { types: './index.d.ts', default: './index.js' },
})

/** A package, and the one that it needs, as they are installed for the folder of a repository, not for the plugin's. */
const HOISTED = {
  '../../node_modules/@words/praise/package.json': packageFile('@words/praise', { same: '1.0.0' }),
  '../../node_modules/@words/praise/index.js': `import { same } from 'same'\nexport const praised = (text) => same(text)\n`,
  '../../node_modules/@words/praise/index.d.ts': 'export declare const praised: (text: string) => string\n',
  '../../node_modules/same/package.json': packageFile('same'),
  '../../node_modules/same/index.js': 'export const same = (value) => value\n',
  '../../node_modules/same/index.d.ts': 'export declare const same: <T>(value: T) => T\n',
}

async function withPackage(): Promise<Made> {
  const plugin = await scaffolded()
  plugin.write({ ...HOISTED, 'src/echo.ts': ECHO, 'package.json': { dependencies: { '@words/praise': '1' } } })
  expect((await plugin.tenon(['plugin', 'derive', 'demo'])).stderr).toBe('')
  return plugin
}

test('a plugin whose package.json names a package is checked, run and certified with it', async () => {
  const { tenon } = await withPackage()
  const { code, json } = await tenon(['plugin', 'certify', 'demo', '--json'])
  const { gates } = json().report
  expect(gates.flatMap(({ problems }: Parsed) => problems)).toEqual([])
  expect(code).toBe(0)
})

test('a package that a workspace links is found where it lies, and nothing of the repository beside it', async () => {
  const plugin = await withPackage()
  const { home, root, write, at } = plugin
  const linked = join(root, '../../node_modules/own')
  write({
    '../../libraries/own/package.json': packageFile('own'),
    '../../libraries/own/index.js': `export const praised = (text) => text\n`,
    '../../libraries/own/index.d.ts': 'export declare const praised: (text: string) => string\n',
    'src/echo.ts': ECHO.replace('@words/praise', 'own'),
    'package.json': { dependencies: { own: '*', '@tenon/sdk': '*', '../../outside': '*', 'not-installed': '*' } },
    '../../package.json': {},
    '../../outside/index.js': '',
    '../../secret': 'x',
    'tests/test_place.ts': `import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'

test('sees no file of the repository', () => assert.equal(existsSync(${JSON.stringify(join(home, 'secret'))}), false))
`,
  })
  mkdirSync(dirname(linked), { recursive: true })
  symlinkSync('../libraries/own', linked)
  expect((await at('types')).gate).toMatchObject({ verdict: 'pass', problems: [] })
  expect((await at('unit')).gate).toMatchObject({ verdict: 'pass', problems: [] })
})

test('what no package.json names is not there', async () => {
  const { write, at } = await withPackage()
  write({ 'package.json': {} })
  const { gate } = await at('types')
  expect(gate.problems).toMatchObject([{ file: 'src/echo.ts', message: expect.stringContaining('@words/praise') }])
  expect((await at('unit')).gate).toMatchObject({ verdict: 'fail' })
})
