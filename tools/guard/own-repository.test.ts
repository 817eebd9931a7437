import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { guardState, repositoryDrift, validateRepository } from '@tenon/authoring'
import { nodeDisk, openRepository } from '@tenon/bundle'
import { temporaryFolder, temporaryRepository } from '@tenon/testkit'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** What governs this repository, and what it governs. */
const GOVERNED = ['.gitattributes', '.gitignore', '.github', '.ledger', 'ids', 'plugins', 'policies', 'scripts/ids']

function copied(folder: string): string {
  for (const path of GOVERNED) cpSync(join(root, path), join(folder, path), { recursive: true })
  return folder
}

test('this repository passes its own guards of structure and uniqueness', async () => {
  const repository = temporaryRepository()
  copied(repository.folder)
  repository.commit({})
  const { guards, problems } = await guardState(await openRepository(repository.world), 'HEAD')
  expect(problems).toEqual([])
  expect(guards.map(({ gate, checked }) => [gate, checked > 10])).toEqual([
    ['structure', true],
    ['uniqueness', true],
  ])
})

test('what "tenon repo init" writes is here as it writes it', async () => {
  expect(await repositoryDrift(nodeDisk, root)).toEqual([])
})

test('every plugin of this repository is valid, beside all others', async () => {
  const { plugins, problems } = await validateRepository(nodeDisk, copied(temporaryFolder()), {
    at: Date.now(),
    now: Date.now(),
    repository: undefined,
    env: process.env,
  })
  expect([plugins > 3, problems]).toEqual([true, []])
})
