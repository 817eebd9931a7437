import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { derive, deriveFolder } from '@tenon/authoring'
import { code, edit, editSpec, policies, problemsOf, quickDisk, read, scaffoldOnce } from './plugins.ts'

const fresh = scaffoldOnce()
const adopt = (root: string) => deriveFolder(quickDisk, root, policies, { adopt: true })

describe('what was written into a fence', () => {
  test('goes on working behind it when it was added', async () => {
    const root = fresh()
    const whole = read(root, 'src/plugin.ts')
    edit(root, 'src/plugin.ts', (text) =>
      text.replace('\nconst operations', "\nimport { log } from './log.ts'\nlog()\nconst operations"),
    )
    expect((await adopt(root)).moved).toEqual([
      { file: 'src/plugin.ts', from: 'operations', line: 9, lines: ["import { log } from './log.ts'", 'log()'] },
    ])
    const region = [
      '// <adopted from=operations> What was written into the fence above. These lines are yours.',
      "import { log } from './log.ts'",
      'log()',
      '// </adopted>',
    ]
    const end = '// <auto:end id=operations>\n'
    expect(read(root, 'src/plugin.ts')).toBe(whole.replace(end, `${end}${region.join('\n')}\n`))
    expect(read(root, 'src/plugin.ts').split('\n')[8]).toBe(region[1])
    expect(await problemsOf(root)).toEqual([])
  })

  test('is kept in a comment when it stands where another line is derived', async () => {
    const root = fresh()
    edit(root, 'src/plugin.ts', (text) => text.replace('operations = { echo }', 'operations = { echo: traced(echo) }'))
    await adopt(root)
    expect(read(root, 'src/plugin.ts')).toContain('\nconst operations = { echo }\n')
    expect(read(root, 'src/plugin.ts')).toContain('\n// const operations = { echo: traced(echo) }\n')
    expect(await problemsOf(root)).toEqual([])
  })

  test('is told from what the spec implied when it was derived', async () => {
    const root = fresh()
    editSpec(root, (spec) => spec.operations?.push({ name: 'shout', summary: 's', input: false, output: false }))
    await derive(quickDisk, root, policies)
    edit(root, 'src/plugin.ts', (text) => text.replace('\nconst operations', '\nmine()\nconst operations'))
    editSpec(root, (spec) => spec.operations?.pop())
    expect((await adopt(root)).moved.map(({ lines }) => lines)).toEqual([['mine()']])
    expect(read(root, 'src/plugin.ts')).not.toContain('shout')
  })

  test('is found in every file at once, in files that are made, too', async () => {
    const root = fresh()
    edit(root, 'src/plugin.ts', (text) => text.replace('\nconst operations', '\nmine()\nconst operations'))
    edit(root, 'src/plugin-types.ts', (text) =>
      text.replace('\nexport type Types', '\nexport type Mine = 1\nexport type Types'),
    )
    expect((await adopt(root)).moved.map(({ file, lines }) => [file, lines])).toEqual([
      ['src/plugin.ts', ['mine()']],
      ['src/plugin-types.ts', ['export type Mine = 1']],
    ])
    expect(await problemsOf(root)).toEqual([])
    expect(await adopt(root)).toEqual({ written: [], moved: [] })
  })

  test('is told from what the spec implies now where the manifest is lost', async () => {
    const root = fresh()
    edit(root, 'src/plugin.ts', (text) => text.replace('\nconst operations', '\nmine()\nconst operations'))
    rmSync(join(root, 'manifest.json'))
    expect((await adopt(root)).moved.map(({ lines }) => lines)).toEqual([['mine()']])
    expect(await problemsOf(root)).toEqual([])
  })

  test('is nothing in a file that is lost', async () => {
    const root = fresh()
    rmSync(join(root, 'src/plugin-types.ts'))
    expect(await adopt(root)).toEqual({ written: ['src/plugin-types.ts'], moved: [] })
    expect(await problemsOf(root)).toEqual([])
  })

  test('stays where it is while a fence has lost one of its lines', async () => {
    const root = fresh()
    edit(root, 'src/plugin.ts', (text) => text.replace(/.*auto:end.*\n/, ''))
    const before = read(root, 'src/plugin.ts')
    await expect(adopt(root)).rejects.toThrow(code('FENCE_BROKEN'))
    expect(read(root, 'src/plugin.ts')).toBe(before)
  })
})

describe('what was written between the derived lines of a document', () => {
  test('goes to its notes', async () => {
    const root = fresh()
    edit(root, 'README_PLUGIN.md', (text) => text.replace('## Operations', 'Read this first.\n\n## Operations'))
    edit(root, 'README_PLUGIN.md', (text) => text.replace('Nothing yet.', 'A note.'))
    const { moved } = await adopt(root)
    expect(moved).toEqual([
      { file: 'README_PLUGIN.md', from: 'notes', line: expect.any(Number), lines: ['Read this first.'] },
    ])
    const text = read(root, 'README_PLUGIN.md')
    expect(text).toMatch(/manual:begin notes -->\nA note\.\n\n<!-- What .* -->\nRead this first\.\n<!-- manual:end/)
    expect(text.split('\n')[(moved[0]?.line ?? 0) - 1]).toBe('Read this first.')
    expect(await problemsOf(root)).toEqual([])
  })

  test('is nothing where lines were taken away, and those come back', async () => {
    const root = fresh()
    const whole = read(root, 'README_PLUGIN.md')
    edit(root, 'README_PLUGIN.md', (text) => text.replace(/## Operations[^]*(?=## Permissions)/, ''))
    expect(await adopt(root)).toEqual({ written: ['README_PLUGIN.md'], moved: [] })
    expect(read(root, 'README_PLUGIN.md')).toBe(whole)
  })

  test('is nothing where only the spec changed', async () => {
    const root = fresh()
    editSpec(root, (spec) => (spec.description = 'Another one.'))
    expect((await adopt(root)).moved).toEqual([])
    expect(read(root, 'README_PLUGIN.md')).toContain('Nothing yet.')
  })
})
