import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@tenon/testkit'
import { expect, test } from 'vitest'
import { tenonIn, type Surroundings } from './in-process.ts'

/** Whatever is written to it finds no room. */
const FULL = '/dev/full'

/** Puts something where verdicts are written. */
function inTheWay(home: string, put: (path: string) => void): void {
  mkdirSync(join(home, '.tenon/validated'), { recursive: true })
  for (const shard of [0, 1, 2, 3]) put(join(home, `.tenon/validated/${shard}.v8.aside`))
}

/** A repository of one plugin. */
async function repository() {
  const home = temporaryFolder()
  const tenon = tenonIn(home)
  await tenon(['plugin', 'new', 'demo'])
  const plugin = join(home, 'plugins/demo')
  return {
    home,
    plugin,
    tenon,
    write: (path: string, text: string): void => {
      mkdirSync(join(home, path, '..'), { recursive: true })
      writeFileSync(join(home, path), text)
    },
    validate: async (surroundings: Surroundings = {}) => {
      const { code, json } = await tenon(['plugin', 'validate', '.', '--json'], surroundings)
      const { judged, problems } = json()
      return [code, judged, problems.map(({ file, message }: Record<string, string>) => `${file} ${message}`)]
    },
  }
}

test('what is no folder of plugins is told', async () => {
  const home = temporaryFolder()
  writeFileSync(join(home, 'plugins'), '')
  expect(await tenonIn(home)(['plugin', 'validate', '.'])).toMatchObject({
    code: 5,
    stdout: '',
    stderr: expect.stringContaining(`${home} has no folder of plugins`),
  })
})

test('what is no file is told of a plugin in a repository, and seen again', async () => {
  const { plugin, validate } = await repository()
  symlinkSync('CHANGELOG.md', join(plugin, 'src/link.md'))
  const told = ['plugins/demo/src/link.md is no regular file']
  expect([await validate(), await validate()]).toEqual([
    [1, 1, told],
    [1, 0, told],
  ])
})

test('what a killed command left in a plugin is brought to its end first', async () => {
  const { plugin, write, validate } = await repository()
  write('plugins/demo/.changes.aside/0', 'More.\n')
  const step = { path: 'src/notes.md', before: null, isWritten: true }
  write('plugins/demo/.changes.aside/journal.json', JSON.stringify([step]))
  expect(await validate()).toEqual([1, 1, ['plugins/demo/src/notes.md is not listed by manifest.json']])
  expect(existsSync(join(plugin, '.changes.aside'))).toBe(false)
})

test.each<[string, (home: string) => void]>([
  ['is full', (home) => inTheWay(home, (path) => symlinkSync(FULL, path))],
  ['has a file in their place', (home) => writeFileSync(join(home, '.tenon'), '')],
])('a disk that %s keeps no verdicts, and all is looked at again', async (_what, harm) => {
  const { home, validate } = await repository()
  harm(home)
  expect([await validate(), await validate()]).toEqual([
    [0, 1, []],
    [0, 1, []],
  ])
})

test('another fault of the disk where verdicts are kept is told', async () => {
  const { home, tenon } = await repository()
  inTheWay(home, (path) => mkdirSync(path))
  const { code, stderr } = await tenon(['plugin', 'validate', '.'])
  expect([code, stderr]).toEqual([2, expect.stringMatching(/EISDIR.*\.v8\.aside/)])
})

test('while there are waivers, what was found holds for a day', async () => {
  const { write, tenon, validate } = await repository()
  const rule = '  - id: quick\n    set: { operation.timeoutMs: { max: 1000 } }\n    reason: Because.\n    owner: us\n'
  write('policies/base/1.0.0/pack.yaml', `pack: base\nversion: 1.0.0\nreleased: 2026-01-01\nrules:\n${rule}`)
  write(
    'policies/waivers/slow.yaml',
    'plugin: demo\nkey: operation.timeoutMs\nvalue: 60000\napprover: ada\nreason: For now.\nexpires: 2030-06-30\n',
  )
  expect((await tenon(['plugin', 'derive', 'demo'])).code).toBe(0)
  const on = (day: number, hour: number) => validate({ time: { now: () => Date.UTC(2030, 5, day, hour) } })
  const expired = ['policies/waivers/slow.yaml was for operation.timeoutMs of demo until 2030-06-30']
  expect([await on(29, 6), await on(29, 18), await on(30, 6), await on(31, 6)]).toEqual([
    [0, 1, []],
    [0, 0, []],
    [0, 1, []],
    [1, 1, expired],
  ])
})
