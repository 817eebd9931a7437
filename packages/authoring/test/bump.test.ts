import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { validatePlugin } from '@tenon/authoring'
import { describe, expect, test } from 'vitest'
import { at as now, edit, policies, quickDisk, read, write } from './plugins.ts'
import { released, requireMore, setVersion, takeMore } from './released.ts'

describe('a bump', () => {
  test('sets the lowest version that may follow, changes no other byte of the spec, and the plugin validates', async () => {
    const { root, release, releases, bump } = await released()
    release('1.0.0')
    takeMore(root)
    edit(root, 'plugin.spec.json', (text) =>
      text.replace('"version": "1.0.0"', '"version"  :\t"1.0.0"').replace('{', '{\n  "x-a": { "version": "1.0.0" },'),
    )
    const before = read(root, 'plugin.spec.json')
    expect(await bump()).toMatchObject({ from: '1.0.0', to: '1.1.0', least: '1.1.0' })
    expect(read(root, 'plugin.spec.json')).toBe(before.replace('\t"1.0.0"', '\t"1.1.0"'))
    expect(read(root, 'CHANGELOG.md')).toMatch(
      /^# Changelog\n\n## 1\.1\.0\n\n- Changed: `\/operations\/echo\/input`: all that was taken still is\.\n\n## /,
    )
    const { problems } = await validatePlugin(quickDisk, root, policies, now, await releases())
    expect(problems).toEqual([])
    expect(await bump()).toMatchObject({ from: '1.1.0', to: '1.1.0' })
  })

  test('begins a changelog where there is none, and leaves a section that was written already', async () => {
    const { root, release, bump } = await released()
    release('1.0.0')
    takeMore(root)
    rmSync(join(root, 'CHANGELOG.md'))
    await bump()
    expect(read(root, 'CHANGELOG.md')).toMatch(/^# Changelog\n\n## 1\.1\.0\n\n- Changed: [^\n]*\n$/)
    write(root, 'CHANGELOG.md', '# Changelog\n\n## 2.0.0\n\nAll is new.\n')
    await bump('2.0.0')
    expect(read(root, 'CHANGELOG.md')).toBe('# Changelog\n\n## 2.0.0\n\nAll is new.\n')
  })

  test('follows the newest release also from the version of an older one', async () => {
    const { root, release, bump } = await released()
    release('1.0.0')
    release('2.3.0')
    setVersion(root, '1.0.0')
    expect(await bump()).toMatchObject({ from: '1.0.0', to: '2.3.1' })
  })

  test('goes further on demand, and never less far', async () => {
    const { root, release, bump } = await released()
    release('1.0.0')
    requireMore(root)
    await expect(bump('1.9.0')).rejects.toThrow(expect.objectContaining({ code: 'VERSION_TOO_SMALL' }))
    await expect(bump('two')).rejects.toThrow(expect.objectContaining({ code: 'REFERENCE_INVALID' }))
    expect(read(root, 'plugin.spec.json')).toContain('"version": "1.0.0"')
    expect(await bump('3.0.0')).toMatchObject({ to: '3.0.0', least: '2.0.0' })
  })

  test('of what was never released changes nothing unless it is told to', async () => {
    const { root, bump } = await released()
    expect(await bump()).toMatchObject({ from: '0.1.0', to: '0.1.0', least: undefined, written: [] })
    await expect(bump('0.0.9')).rejects.toThrow(expect.objectContaining({ code: 'VERSION_TOO_SMALL' }))
    expect(await bump('1.0.0')).toMatchObject({ to: '1.0.0', written: expect.arrayContaining(['CHANGELOG.md']) })
    expect(read(root, 'plugin.spec.json')).toContain('"version": "1.0.0"')
  })
})
