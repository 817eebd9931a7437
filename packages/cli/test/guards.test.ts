import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Governed } from './governed.ts'
import { copyOf, guarded, judged, told, withText } from './guarded.ts'

const folder = mkdtempSync(join(tmpdir(), 'tenon-guards-'))
let plain: Governed
let sealed: Governed
beforeAll(async () => {
  plain = await guarded(join(folder, 'plain'), ['one', 'two'])
  sealed = await guarded(join(folder, 'sealed'), ['one', 'two'], { isSealed: true })
})
afterAll(() => rmSync(folder, { recursive: true }))

const SPEC = 'plugins/one/plugin.spec.json'
const cardOf = (repository: Governed, id: string): string =>
  `ids/cards/${JSON.parse(repository.read(`plugins/${id}/plugin.spec.json`)).uid}.yaml`
const edit = (repository: Governed, path: string, text: string): Record<string, string> => ({
  [path]: repository.read(path) + text,
})
const without = (repository: Governed, path: string): Record<string, string> => {
  rmSync(repository.path(path))
  return {}
}

/** What the guards say of a change of a copy. */
async function after(
  origin: Governed,
  change: (repository: Governed) => Record<string, string> | Promise<Record<string, string>>,
): Promise<string[]> {
  const repository = copyOf(origin)
  repository.commit(await change(repository))
  return told(await judged(repository))
}

describe('immutability', () => {
  test('a change of one plugin passes every guard', async () => {
    const repository = copyOf(plain)
    repository.commit({ ...edit(repository, 'plugins/one/README_PLUGIN.md', ''), 'docs/free.md': 'Free.\n' })
    const { guards, problems } = await judged(repository)
    expect([guards.map(({ gate }) => gate), problems]).toEqual([
      ['immutability', 'structure', 'uniqueness', 'one artifact'],
      [],
    ])
  })

  test('a card never changes, with the line in which it did', async () => {
    const repository = copyOf(plain)
    const card = cardOf(repository, 'one')
    repository.commit(withText(repository, card, 'Ada', 'Eve'))
    const { problems } = await judged(repository)
    expect(problems).toContainEqual(expect.objectContaining({ code: 'CARD_CHANGED', file: card, line: 7 }))
  })

  test('a card never goes, and a rename hides no change of it', async () => {
    const card = cardOf(plain, 'one')
    expect(await after(plain, (repository) => without(repository, card))).toContain(`CARD_CHANGED ${card}`)
    const renamed = await after(plain, (repository) => {
      const text = repository.read(card).replace('Ada', 'Eve')
      renameSync(repository.path(card), repository.path('ids/cards/01JZ3V5K8Q0000000000000000.yaml'))
      return { 'ids/cards/01JZ3V5K8Q0000000000000000.yaml': text }
    })
    expect(renamed).toContain(`CARD_CHANGED ${card}`)
  })

  test.each(['.ledger/ids.jsonl', '.ledger/checkpoint.json', 'ids/registry.yaml'])(
    'no change touches %s',
    async (path) => {
      const [edited, gone] = [
        await after(sealed, (repository) => edit(repository, path, '\n')),
        await after(sealed, (repository) => without(repository, path)),
      ]
      expect(edited).toEqual([`LEDGER_TOUCHED ${path}`])
      expect(gone).toContain(`LEDGER_TOUCHED ${path}`)
    },
  )

  test('what was published changes with a new version only', async () => {
    const tests = 'plugins/one/tests/test_echo.ts'
    expect(await after(sealed, (repository) => edit(repository, tests, '\n'))).toEqual([`VERSION_CHANGED ${tests}`])
    const lifted = await after(sealed, async (repository) => {
      Object.entries(edit(repository, tests, '\n')).forEach(([path, text]) =>
        writeFileSync(repository.path(path), text),
      )
      await nextVersion(repository, 'one')
      return {}
    })
    expect(lifted).toEqual([])
  })

  test('a plugin that was published may go', async () => {
    const gone = await after(sealed, (repository) => {
      rmSync(repository.path('plugins/one'), { recursive: true })
      return {}
    })
    expect(gone).toEqual([])
  })

  test('a tag never moves', async () => {
    const repository = copyOf(sealed)
    repository.commit({ 'docs/free.md': 'Free.\n' })
    expect(told(await judged(repository))).toEqual([])
    repository.git('tag', '-f', 'plugin/one/v0.1.0')
    expect(told(await judged(repository))).toEqual(['TAG_CONFLICT refs/tags/plugin/one/v0.1.0'])
  })
})

async function nextVersion(repository: Governed, id: string): Promise<void> {
  repository.editSpec(id, (spec) => (spec.version = '0.1.1'))
  const changelog = repository.read(`plugins/${id}/CHANGELOG.md`)
  writeFileSync(
    repository.path(`plugins/${id}/CHANGELOG.md`),
    changelog.replace('## 0.1.0', '## 0.1.1\n\nAs before.\n\n## 0.1.0'),
  )
  await repository.done('plugin', 'derive', id)
}

describe('structure', () => {
  test('every plugin, operation and pack has a card', async () => {
    const bare = await after(plain, async (repository) => {
      repository.editSpec('one', (spec) => {
        delete spec.uid
        delete spec.operations[0].uid
      })
      await repository.done('plugin', 'derive', 'one')
      return {}
    })
    expect(bare.filter((one) => one.startsWith('UID_MISSING'))).toEqual([`UID_MISSING ${SPEC}`, `UID_MISSING ${SPEC}`])
    const pack = { 'policies/extra/1.0.0/pack.yaml': 'pack: extra\nversion: 1.0.0\nreleased: 2026-01-01\nrules: []\n' }
    expect(await after(plain, () => pack)).toEqual(['UID_MISSING policies/extra'])
  })

  test('a new card is named by what it names', async () => {
    const copied = await after(plain, async (repository) => {
      await repository.done('plugin', 'new', 'three')
      await repository.done('ids', 'new', 'plugins/three')
      renameSync(repository.path('plugins/three'), repository.path('plugins/four'))
      repository.editSpec('four', (spec) => (spec.id = 'four'))
      await repository.done('plugin', 'derive', 'four')
      return {}
    })
    expect(copied.map((one) => one.split(' ')[0])).toEqual(['CARD_UNBOUND', 'CARD_UNBOUND'])
  })

  test('a new policy pack that comes with its card is in order', async () => {
    const brought = await after(plain, async (repository) => {
      mkdirSync(repository.path('policies/extra/1.0.0'), { recursive: true })
      const pack = repository.read('policies/base/1.0.0/pack.yaml').replace('pack: base', 'pack: extra')
      writeFileSync(repository.path('policies/extra/1.0.0/pack.yaml'), pack)
      await repository.done('ids', 'new', 'policies/extra')
      return {}
    })
    expect(brought).toEqual([])
  })

  test('a spec says who it is, and is no link', async () => {
    for (const text of ['[]', '{"id":"one"}', '{'])
      expect(await after(plain, () => ({ [SPEC]: text }))).toContain(`SPEC_UNREADABLE ${SPEC}`)
    const linked = await after(plain, (repository) => {
      rmSync(repository.path(SPEC))
      symlinkSync('../two/plugin.spec.json', repository.path(SPEC))
      return {}
    })
    expect(linked).toContain(`TREE ${SPEC}`)
  })

  test('what is no operation in a spec is told by its validation, and by no guard', async () => {
    const odd = await after(plain, (repository) => {
      repository.editSpec('one', (spec) => spec.operations.push('echo', { uid: 'mine' }))
      return {}
    })
    expect(odd).toEqual([])
  })

  test.each([
    'scripts/ids/guard.mjs',
    'scripts/ids/ensure_immutability.ts',
    '.github/workflows/id-guard.yml',
    '.ledger/.gitattributes',
    '.gitattributes',
  ])('%s is there', async (path) => {
    expect(await after(plain, (repository) => without(repository, path))).toEqual([`FILE_MISSING ${path}`])
  })

  test('policies govern', async () => {
    const lawless = await after(plain, (repository) => {
      rmSync(repository.path('policies'), { recursive: true })
      return {}
    })
    expect(lawless).toContain('FILE_MISSING policies')
  })

  test('there is a folder for cards', async () => {
    const cardless = await after(plain, (repository) => {
      rmSync(repository.path('ids/cards'), { recursive: true })
      return {}
    })
    expect(cardless).toContain('FILE_MISSING ids/cards/.gitkeep')
  })

  test('wrappers and workflows are what the toolkit derives', async () => {
    for (const path of ['scripts/ids/validate_structure.ts', '.github/workflows/id-guard.yml'])
      expect(await after(plain, (repository) => edit(repository, path, '\n'))).toEqual([`DERIVED_DRIFT ${path}`])
  })

  test('a guard gives way to that of a later version alone, whole', async () => {
    const guard = 'scripts/ids/guard.mjs'
    expect(await after(plain, (repository) => edit(repository, guard, '\n'))).toEqual([`GUARD_CHANGED ${guard}`])
    expect(await after(plain, () => ({ [guard]: 'process.exit(0)\n' }))).toEqual([`GUARD_CHANGED ${guard}`])
    const { guardText } = await import('@tenon/authoring')
    expect(await after(plain, () => ({ [guard]: guardText('0.1.0', 'process.exit(0)\n') }))).toEqual([
      `GUARD_CHANGED ${guard}`,
    ])
    expect(await after(plain, () => ({ [guard]: guardText('0.2.0', '// Better.\n') }))).toEqual([])
  })

  test('no asset of the repository lies in a plugin, and no link where something governs', async () => {
    const inside = await after(plain, () => ({ 'plugins/one/scripts/ids/guard.mjs': '' }))
    expect(inside).toEqual(['REPOSITORY_ASSET plugins/one/scripts/ids/guard.mjs'])
    const linked = await after(plain, (repository) => {
      symlinkSync('/etc/hostname', repository.path('plugins/one/src/link'))
      return {}
    })
    expect(linked).toEqual(['TREE plugins/one/src/link'])
  })

  test('a folder is named as its plugin', async () => {
    const misnamed = await after(plain, (repository) => {
      renameSync(repository.path('plugins/one'), repository.path('plugins/uno'))
      return {}
    })
    expect(misnamed).toContain('TREE plugins/uno/plugin.spec.json')
  })
})

describe('uniqueness', () => {
  test('"-" and "_" are one, and case is none', async () => {
    for (const id of ['ONE', 'one_']) {
      const other = id === 'ONE' ? 'plugins/one' : 'plugins/one-'
      const taken = await after(plain, () => ({ [`plugins/${id}/a`]: '', [`${other}/a`]: '' }))
      expect(taken.filter((one) => one.startsWith('ID_TAKEN'))).toEqual([expect.stringMatching(/plugins\/(one|ONE)/)])
    }
  })

  test('a uid that was copied is refused where it was copied to', async () => {
    const copied = await after(plain, async (repository) => {
      const { uid } = JSON.parse(repository.read(SPEC))
      repository.editSpec('two', (spec) => (spec.uid = uid))
      await repository.done('plugin', 'derive', 'two')
      return {}
    })
    expect(copied).toContain('UID_TAKEN plugins/two/plugin.spec.json')
  })

  test('a key has one card in force', async () => {
    const twice = await after(plain, async (repository) => {
      repository.editSpec('one', (spec) => delete spec.uid)
      await repository.done('ids', 'new', 'plugins/one')
      return {}
    })
    expect(twice).toContainEqual(expect.stringMatching(/^CARD_KEY_TAKEN ids\/cards\//))
    const superseded = await after(plain, async (repository) => {
      const { uid } = JSON.parse(repository.read(SPEC))
      await repository.done('ids', 'new', 'plugins/one', '--supersede', uid)
      return {}
    })
    expect(superseded).toEqual([])
  })

  test.each([
    'plugins/one/src/manifest.json',
    'plugins/one/Plugin-Spec.yaml',
    'policies/base/1.0.0/pack.yml',
    'ids/registry.json',
    '.ledger/more.jsonl',
  ])('%s would be a second document of its kind', async (path) => {
    const name = path === 'plugins/one/Plugin-Spec.yaml' ? 'plugins/one/Plugin.Spec.yaml' : path
    expect(await after(plain, () => ({ [name]: '{}' }))).toContain(`DOCUMENT_TWICE ${name}`)
  })
})

describe('one artifact', () => {
  const entryOf = (id: string): string => `plugins/${id}/src/plugin.ts`

  test('two plugins need two changes', async () => {
    const both = await after(plain, (repository) => ({
      ...edit(repository, entryOf('one'), '\n'),
      ...edit(repository, entryOf('two'), '\n'),
    }))
    expect(both).toEqual([`ARTIFACT_MANY ${entryOf('two')}`])
  })

  test('a plugin and what governs it need two changes', async () => {
    const ofPolicies = await after(plain, (repository) => ({
      ...edit(repository, entryOf('one'), '\n'),
      ...withText(repository, 'policies/base/1.0.0/pack.yaml', 'max: 30000', 'max: 20000'),
    }))
    expect(ofPolicies).toEqual(['ARTIFACT_MANY policies/base/1.0.0/pack.yaml'])
    const ofToolkit = await after(plain, (repository) => ({
      ...edit(repository, entryOf('one'), '\n'),
      ...edit(repository, '.gitattributes', '*.png binary\n'),
    }))
    expect(ofToolkit).toEqual([`ARTIFACT_MANY ${entryOf('one')}`])
  })

  test('a plugin that moves, and one that comes with its cards, are one', async () => {
    const moved = await after(plain, async (repository) => {
      renameSync(repository.path('plugins/one'), repository.path('plugins/uno'))
      repository.editSpec('uno', (spec) => (spec.id = 'uno'))
      await repository.done('plugin', 'derive', 'uno')
      return {}
    })
    expect(moved).toEqual([])
  })

  test('a change brings one new plugin', async () => {
    const bring = (...ids: string[]) =>
      after(plain, async (repository) => {
        for (const id of ids) {
          await repository.done('plugin', 'new', id)
          await repository.done('ids', 'new', `plugins/${id}`)
        }
        return {}
      })
    expect(await bring('three')).toEqual([])
    const [secondUnit, secondCard] = await bring('three', 'four')
    expect([secondUnit, secondCard]).toEqual(Array(2).fill(expect.stringMatching(/^ARTIFACT_MANY ids\/cards\//)))
  })

  const newPack = (repository: Governed): void => {
    const pack = repository.read('policies/base/1.0.0/pack.yaml').replace('1.0.0', '1.1.0').replace('30000', '29000')
    mkdirSync(repository.path('policies/base/1.1.0'))
    writeFileSync(repository.path('policies/base/1.1.0/pack.yaml'), pack)
  }

  test('a new pack brings with it what is derived by it anywhere, and nothing else', async () => {
    const all = await after(plain, async (repository) => {
      newPack(repository)
      for (const id of ['one', 'two']) await repository.done('plugin', 'derive', id)
      return {}
    })
    expect(all).toEqual([])
    const more = await after(plain, async (repository) => {
      newPack(repository)
      writeFileSync(repository.path(entryOf('two')), `${repository.read(entryOf('two'))}\n`)
      for (const id of ['one', 'two']) await repository.done('plugin', 'derive', id)
      return {}
    })
    expect(more).toEqual([expect.stringContaining('ARTIFACT_MANY ')])
    const beside = await after(plain, async (repository) => {
      newPack(repository)
      for (const id of ['one', 'two']) await repository.done('plugin', 'derive', id)
      return { 'plugins/two/coverage/more.txt': 'No part of the plugin.\n' }
    })
    expect(beside).toEqual([expect.stringContaining('ARTIFACT_MANY ')])
  })

  test('what is published is derived anew as a later version', async () => {
    const all = await after(sealed, async (repository) => {
      newPack(repository)
      for (const id of ['one', 'two']) await nextVersion(repository, id)
      return {}
    })
    expect(all).toEqual([])
  })

  test.each<[string, (repository: Governed) => void]>([
    ['lost its spec', (repository) => rmSync(repository.path('plugins/two/plugin.spec.json'))],
    ['has a spec that is none', (repository) => writeFileSync(repository.path('plugins/two/plugin.spec.json'), '[]')],
    ['lost its changelog', (repository) => rmSync(repository.path('plugins/two/CHANGELOG.md'))],
  ])('a published plugin that %s beside a new pack is another unit', async (_, damage) => {
    const damaged = await after(sealed, async (repository) => {
      newPack(repository)
      await nextVersion(repository, 'two')
      damage(repository)
      return {}
    })
    expect(damaged).toContainEqual(expect.stringContaining('ARTIFACT_MANY '))
  })

  test('a file that is said to be derived, and is not what deriving gives, is not', async () => {
    const forged = await after(plain, async (repository) => {
      newPack(repository)
      for (const id of ['one', 'two']) await repository.done('plugin', 'derive', id)
      return withText(repository, 'plugins/two/policy_snapshot.json', '29000', '28000')
    })
    expect(forged).toEqual([expect.stringMatching(/^ARTIFACT_MANY policies|plugins\/two/)])
  })
})
