import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeDisk, temporaryFolder, wallWorld } from '@tenon/testkit'
import { stageIn, write, type Stage } from './ordered-run.ts'

const world = wallWorld()
const staged = () => stageIn(temporaryFolder(), world)
const refusal = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

test('a dataset that is not there, or is no folder, is refused before anything is made', async () => {
  const stage = staged()
  symlinkSync(join(stage.home, 'nowhere'), join(stage.home, 'dangling'))
  for (const name of ['nowhere', 'dangling', 'dataset/rows.csv'])
    await expect(stage.run({ dataset: join(stage.home, name) })).rejects.toEqual(
      refusal('RUN_INPUT_INVALID', new RegExp(`no dataset folder .*${name}`)),
    )
  expect(await nodeDisk.kind(stage.out)).toBeUndefined()
})

test('a dataset behind a link is the folder that it leads to', async () => {
  const stage = staged()
  symlinkSync(stage.dataset, join(stage.home, 'link'))
  const { record } = await stage.run({ dataset: join(stage.home, 'link') })
  expect([record.status, record.dataset_dir]).toEqual(['succeeded', stage.dataset])
})

const NESTED: [what: string, folders: (stage: Stage) => { dataset?: string; out?: string; work?: string }][] = [
  ['outputs inside the dataset', ({ dataset }) => ({ out: join(dataset, 'out/deep') })],
  ['the dataset inside the outputs', ({ home }) => ({ out: home })],
  ['outputs in the dataset itself', ({ dataset }) => ({ out: dataset })],
  ['outputs under a root that is the dataset', () => ({ dataset: '/' })],
  ['outputs in the dataset through a link', ({ home }) => ({ out: join(home, 'link/out') })],
  ['scratch files in the dataset', ({ dataset }) => ({ work: dataset })],
  ['scratch files beside the records', ({ out }) => ({ work: join(out, '_runs') })],
  ['outputs in the scratch folder', ({ home }) => ({ work: join(home, 'scratch'), out: join(home, 'scratch/out') })],
]

test.each(NESTED)('%s are refused, and nothing is made', async (_, folders) => {
  const stage = staged()
  symlinkSync(stage.dataset, join(stage.home, 'link'))
  await expect(stage.run(folders(stage))).rejects.toEqual(refusal('RUN_OUT_REFUSED', / lies in /))
  expect([readdirSync(stage.dataset), await nodeDisk.kind(join(stage.home, 'work'))]).toEqual([['rows.csv'], undefined])
})

test.each(['acme', '_runs'])(
  'outputs in which %s is a link are refused, and nothing is written where it leads',
  async (name) => {
    const stage = staged()
    mkdirSync(stage.out)
    symlinkSync(stage.dataset, join(stage.out, name))
    await expect(stage.run()).rejects.toEqual(refusal('RUN_OUT_REFUSED', new RegExp(`${name} is a link`)))
    expect([readdirSync(stage.dataset), readdirSync(stage.out)]).toEqual([['rows.csv'], [name]])
  },
)

test('a workspace whose .runs is a link is refused, and nothing is written where it leads', async () => {
  const stage = staged()
  symlinkSync(stage.dataset, join(stage.workspace, '.runs'))
  await expect(stage.run()).rejects.toEqual(refusal('RUN_OUT_REFUSED', /\.runs is a link/))
  expect(readdirSync(stage.dataset)).toEqual(['rows.csv'])
})

test('folders whose names only begin alike are apart', async () => {
  const stage = staged()
  const { record } = await stage.run({ out: `${stage.dataset}-out`, work: join(stage.home, '..work') })
  expect(record.status).toBe('succeeded')
})

test('a folder that cannot be made is refused by name', async () => {
  const stage = staged()
  const below = join(stage.dataset, 'rows.csv/out')
  await expect(stage.run({ out: below })).rejects.toEqual(refusal('RUN_OUT_REFUSED', /rows\.csv\/out cannot be made/))
  await expect(stage.run({ work: below })).rejects.toEqual(refusal('RUN_OUT_REFUSED', /rows\.csv\/out cannot be made/))
  writeFileSync(stage.out, 'a file')
  await expect(stage.run()).rejects.toEqual(refusal('RUN_OUT_REFUSED', /out cannot be made: EEXIST/))
})

test('a record that cannot be written has a status of its own', async () => {
  const stage = staged()
  write(join(stage.out, '_runs'), 'a file')
  await expect(stage.run()).rejects.toEqual(refusal('RUN_RECORD_UNWRITABLE', /_runs\/.*\.json cannot be written/))
})

test('what is there already is never replaced', async () => {
  const stage = staged()
  await stage.run()
  await expect(stage.run()).rejects.toEqual(refusal('RUN_OUT_REFUSED', /acme\/sample exists already/))
  rmSync(join(stage.out, 'acme/sample'), { recursive: true })
  symlinkSync(join(stage.home, 'elsewhere'), join(stage.out, 'acme/sample'))
  await expect(stage.run()).rejects.toEqual(refusal('RUN_OUT_REFUSED', /exists already/))
})

test.each([
  ['while it ran', 'makeFolder'],
  ['at the last moment', 'rename'],
] as const)('what somebody else put there %s is kept, and the run is refused', async (_, step) => {
  const stage = staged()
  const target = join(stage.out, 'acme/sample')
  const disk = {
    ...nodeDisk,
    [step]: async (path: string, to: never) => {
      if (path.endsWith('/stage') && step === 'rename') write(join(target, 'theirs.txt'), 'x')
      await nodeDisk[step](path, to)
      if (path.endsWith('/acme') && step === 'makeFolder') write(join(target, 'theirs.txt'), 'x')
    },
  }
  const { record } = await stage.run({ disk })
  expect(record).toMatchObject({ status: 'refused', failure: { exception: 'RUN_OUT_REFUSED' }, outputs: [] })
  expect(readdirSync(target)).toEqual(['theirs.txt'])
})

test.each([
  ['an empty folder', (target: string) => mkdirSync(target)],
  ['a file', (target: string) => writeFileSync(target, 'theirs')],
])('%s that somebody put there while it ran is kept too', async (_, put) => {
  const stage = staged()
  const target = join(stage.out, 'acme/sample')
  const disk = {
    ...nodeDisk,
    makeFolder: async (path: string, mode?: number) => {
      await nodeDisk.makeFolder(path, mode)
      if (path === join(stage.out, 'acme')) put(target)
    },
  }
  const { record } = await stage.run({ disk })
  expect(record).toMatchObject({ status: 'refused', failure: { exception: 'RUN_OUT_REFUSED' }, outputs: [] })
  expect(existsSync(join(target, 'result.txt'))).toBe(false)
})

test('a fault of the disk while publishing is told as it is', async () => {
  const stage = staged()
  const full = async (): Promise<void> => {
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  }
  const disk = {
    ...nodeDisk,
    rename: (from: string, to: string) => (from.endsWith('/stage') ? full() : nodeDisk.rename(from, to)),
  }
  const { record } = await stage.run({ disk })
  expect(record).toMatchObject({
    status: 'refused',
    exit: { reason: 'exit' },
    failure: { exception: 'INTERNAL', message: 'no space left' },
  })
})

test('a dataset that goes away while it is looked at is named', async () => {
  const stage = staged()
  mkdirSync(stage.out)
  const disk = {
    ...nodeDisk,
    kind: async (path: string) => {
      rmSync(stage.dataset, { recursive: true, force: true })
      return nodeDisk.kind(path)
    },
  }
  await expect(stage.run({ disk })).rejects.toEqual(refusal('RUN_INPUT_INVALID', /dataset cannot be read: ENOENT/))
})
