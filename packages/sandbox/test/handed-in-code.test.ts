import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { limits } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { codeOf, LEVELS_HERE, pluginFrom, pluginWith } from './sandboxed.ts'

const options = { traceId: 't' }

test.each(LEVELS_HERE)('on level %s, code of any size arrives as it is', async (level) => {
  // Characters of several bytes, so that every way to cut the text goes through some.
  const whole = `a${'😀é"\n'.repeat(limits.frameBytes / 16)}`
  const plugin = await pluginFrom(
    level,
    `const text = ${JSON.stringify(whole)}; export default { operations: { length: () => text.length, part: ([from, to]) => text.slice(from, to) } }`,
  )
  expect(await plugin.call('length', null, options)).toBe(whole.length)
  for (const from of [0, 100_000, whole.length - 100_000])
    expect(await plugin.call('part', [from, from + 100_000], options)).toBe(whole.slice(from, from + 100_000))
})

test('a module that was handed in is there once, finds the sdk, and no module beside it', async () => {
  const plugin = await pluginWith(
    'A',
    `again: async () => (await import(import.meta.url)).default.mark === globalThis.mark,
     beside: () => import('./beside.mjs').catch(({ code }) => code),
     where: () => [import.meta.filename, fs.existsSync(import.meta.filename)] }, mark: globalThis.mark = {`,
  )
  expect(await plugin.call('again', null, options)).toBe(true)
  expect(await plugin.call('beside', null, options)).toBe('ERR_MODULE_NOT_FOUND')
  expect(await plugin.call('where', null, options)).toEqual(['/plugin/plugin.mjs', false])
})

test('code in a folder is read from there, with what lies beside it', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'entry.mjs'), `export { default } from './plugin.mjs'`)
  writeFileSync(join(folder, 'plugin.mjs'), `export default { operations: { where: () => import.meta.filename } }`)
  const plugin = await pluginFrom('A', '', {
    plugin: { id: 'sample', version: '1.0.0', kind: 'node', code: { folder, entry: 'entry.mjs' } },
  })
  expect(await plugin.call('where', null, options)).toBe('/plugin/plugin.mjs')
})

test('code that is no module fails the start, and says where', async () => {
  expect(await codeOf(pluginFrom('A', 'export default {'))).toBe('PLUGIN_START_FAILED')
})
