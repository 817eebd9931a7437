import { appendFileSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryRepository, type TemporaryRepository } from '@tenon/testkit'
import { tenonIn, type Ended } from '../harness/tenon.ts'

type Governed = TemporaryRepository & {
  tenon(...args: string[]): Promise<Ended>
  /** The command, which must end well. */
  done(...args: string[]): Promise<string>
  path(path: string): string
  read(path: string): string
}

function governed(): Governed {
  const repository = temporaryRepository()
  const { folder, world } = repository
  const env = Object.fromEntries(Object.entries(world.env).map(([name, value]) => [name, value ?? '']))
  const tenon = (...args: string[]): Promise<Ended> => tenonIn(folder)(args, { env })
  const path = (name: string): string => join(folder, name)
  return {
    ...repository,
    tenon,
    path,
    read: (name) => readFileSync(path(name), 'utf8'),
    async done(...args) {
      const { code, stdout, stderr } = await tenon(...args)
      expect([args, code, stderr]).toEqual([args, 0, ''])
      return stdout
    },
  }
}

/** A plugin on a branch of its own, judged and merged as one change. */
async function bring(repository: Governed, id: string): Promise<void> {
  repository.git('checkout', '-q', '-b', `add-${id}`)
  await repository.done('plugin', 'new', id)
  await repository.done('ids', 'new', `plugins/${id}`)
  await repository.done('plugin', 'validate', '.')
  repository.commit({}, `Add ${id}`)
  await repository.done('ids', 'guard')
  repository.git('checkout', '-q', 'main')
  repository.git('merge', '-q', '--no-ff', '-m', `Merge ${id}`, `add-${id}`)
}

/** What follows a merge: seal, registry, tags, and the state of all of it. */
async function settle(repository: Governed): Promise<void> {
  await repository.done('ids', 'seal')
  await repository.done('ids', 'registry', '--check')
  repository.commit({}, 'Seal what was merged')
  await repository.done('ids', 'tag')
  await repository.done('ids', 'guard', '--merged')
  await repository.done('ledger', 'verify')
}

async function live(): Promise<Governed> {
  const repository = governed()
  repository.commit({}, 'Begin')
  await repository.done('repo', 'init')
  await repository.done('ids', 'new', 'policies/base')
  writeFileSync(repository.path('.gitignore'), `${repository.read('.gitignore')}.local/\n`)
  repository.git('checkout', '-q', '-b', 'govern')
  repository.commit({}, 'Govern')
  expect((await repository.tenon('ids', 'guard')).stderr).toContain('GUARD_MISSING')
  await repository.done('ids', 'guard', '--bootstrap')
  repository.git('checkout', '-q', 'main')
  repository.git('merge', '-q', 'govern')
  for (const id of ['first', 'second']) {
    await bring(repository, id)
    await settle(repository)
  }
  return repository
}

test('a governed repository lives, and refuses each violation by its code', async () => {
  const repository = await live()
  const { git, path, read } = repository
  const specOf = (id: string): { uid: string; version: string } => JSON.parse(read(`plugins/${id}/plugin.spec.json`))
  const cardOf = (id: string): string => `ids/cards/${specOf(id).uid}.yaml`
  const append = (...files: string[]): void => files.forEach((file) => appendFileSync(path(file), '\n'))
  const put = (file: string, from: string, to: string): void => writeFileSync(path(file), read(file).replace(from, to))

  const refused = async (change: () => Promise<unknown> | void): Promise<string[]> => {
    git('checkout', '-q', '-B', 'violation', 'main')
    await change()
    repository.commit({}, 'Violate')
    const { code, stdout } = await repository.tenon('ids', 'guard', '--json')
    expect(code).toBe(1)
    const { problems } = JSON.parse(stdout) as { problems: { code: string; file: string; hint?: string }[] }
    expect(problems.every(({ file, hint }) => file !== '' && hint !== undefined)).toBe(true)
    return [...new Set(problems.map((problem) => problem.code))]
  }

  const card = cardOf('first')
  expect(await refused(() => put(card, 'Ada', 'Eve'))).toContain('CARD_CHANGED')
  const moved = (): void => {
    put(card, 'Ada', 'Eve')
    renameSync(path(card), path('ids/cards/01JZ3V5K8Q0000000000000000.yaml'))
  }
  expect(await refused(moved)).toContain('CARD_CHANGED')
  expect(await refused(() => append('.ledger/ids.jsonl'))).toEqual(['LEDGER_TOUCHED'])
  expect(await refused(() => append('ids/registry.yaml'))).toEqual(['LEDGER_TOUCHED'])
  expect(await refused(() => append('plugins/first/src/plugin.ts'))).toEqual(['VERSION_CHANGED'])
  expect(await refused(() => append('plugins/first/src/plugin.ts', 'plugins/second/src/plugin.ts'))).toContain(
    'ARTIFACT_MANY',
  )
  expect(await refused(() => append('plugins/first/src/plugin.ts', 'policies/base/1.0.0/pack.yaml'))).toContain(
    'ARTIFACT_MANY',
  )
  const copied = async (): Promise<void> => {
    cpSync(path('plugins/first'), path('plugins/third'), { recursive: true })
    put('plugins/third/plugin.spec.json', '"id": "first"', '"id": "third"')
    await repository.done('plugin', 'derive', 'third')
  }
  expect(await refused(copied)).toContain('UID_TAKEN')
  const disarmed = (): void => {
    writeFileSync(path('scripts/ids/guard.mjs'), 'console.log(\'{"guards":[],"problems":[]}\')\n')
    put(card, 'Ada', 'Eve')
  }
  expect(await refused(disarmed)).toEqual(expect.arrayContaining(['GUARD_CHANGED', 'CARD_CHANGED']))
  expect(await refused(() => append('.github/workflows/id-guard.yml'))).toEqual(['DERIVED_DRIFT'])
  expect(await refused(() => rmSync(path('scripts/ids/guard.mjs')))).toEqual(['FILE_MISSING'])
  const tagMoved = (): void => void git('tag', '-f', 'plugin/first/v0.1.0', 'main')
  expect(await refused(tagMoved)).toEqual(['TAG_CONFLICT'])
}, 120_000)
