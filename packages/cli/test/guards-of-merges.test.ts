import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Governed } from './governed.ts'
import { copyOf, guarded, judged, sealAll, told } from './guarded.ts'

const folder = mkdtempSync(join(tmpdir(), 'tenon-merges-'))
let sealed: Governed
beforeAll(async () => {
  sealed = await guarded(join(folder, 'sealed'), ['one', 'two'], { isSealed: true })
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('merged state', () => {
  const state = async (repository: Governed): Promise<string[]> =>
    told(await judged(repository, { base: 'HEAD^1', isMerged: true }))

  const onMain = (): Governed => {
    const repository = copyOf(sealed)
    repository.git('checkout', '-q', 'main')
    return repository
  }

  test('what was sealed and tagged is in order', async () => {
    const repository = onMain()
    expect(await state(repository)).toEqual([])
  })

  test('what was merged and is not sealed is named', async () => {
    const repository = onMain()
    await repository.done('plugin', 'new', 'three')
    await repository.done('ids', 'new', 'plugins/three')
    repository.commit({})
    expect(new Set(await state(repository))).toEqual(new Set(['SEAL_LACKING .ledger/ids.jsonl']))
    await sealAll(repository)
    expect(await state(repository)).toEqual([])
  })

  test('tags, registry and ledger say the same', async () => {
    const repository = onMain()
    repository.git('tag', '-d', 'plugin/two/v0.1.0')
    repository.git('tag', 'plugin/two/v9.0.0')
    repository.commit({ 'ids/registry.yaml': `${repository.read('ids/registry.yaml')}# more\n` })
    expect(await state(repository)).toEqual([
      'DERIVED_DRIFT ids/registry.yaml',
      'TAG_CONFLICT refs/tags/plugin/two/v9.0.0',
      'TAG_CONFLICT refs/tags/plugin/two/v0.1.0',
    ])
  })

  test('a tag that moved is told once', async () => {
    const repository = onMain()
    repository.git('tag', '-f', 'plugin/two/v0.1.0', 'HEAD')
    expect(await state(repository)).toEqual(['TAG_CONFLICT refs/tags/plugin/two/v0.1.0'])
  })

  test('a ledger only goes on', async () => {
    const repository = onMain()
    repository.git('rm', '-q', '.ledger/checkpoint.json')
    repository.commit({ '.ledger/ids.jsonl': '' })
    expect(await state(repository)).toContain('LEDGER_TOUCHED .ledger/ids.jsonl')
  })

  test('ledger and registry are there', async () => {
    const repository = onMain()
    repository.git('rm', '-rq', '.ledger', 'ids/registry.yaml')
    repository.commit({})
    const gone = await state(repository)
    expect(gone).toEqual(expect.arrayContaining(['LEDGER_TOUCHED .ledger/ids.jsonl', 'SEAL_LACKING .ledger/ids.jsonl']))
    expect(gone).toContain('DERIVED_DRIFT ids/registry.yaml')
    repository.git('revert', '--no-edit', 'HEAD')
    expect(await state(repository)).toEqual([])
  })

  test('a ledger of others is broken, not merged', async () => {
    const repository = onMain()
    repository.commit({ '.ledger/ids.jsonl': `${repository.read('.ledger/ids.jsonl')}{}\n` })
    await expect(state(repository)).rejects.toMatchObject({ code: 'LEDGER_BROKEN' })
  })
})
