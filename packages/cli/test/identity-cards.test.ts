import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { newCards } from '@tenon/authoring'
import { nodeDisk, openRepository } from '@tenon/bundle'
import { ulidTime } from '@tenon/contract'
import { killingDisk } from '@tenon/testkit'
import { cardsIn, governed, wasKilled, type Governed } from './governed.ts'

const SPEC = 'plugins/hello-world/plugin.spec.json'
const OTHER_ULID = '01JZ3V5K8Q0000000000000000'

async function withoutCards(): Promise<Governed> {
  const repository = governed()
  await repository.done('plugin', 'new', 'hello-world')
  return repository
}

/** A card as it is read line by line, which its one form allows. */
const cardOf = ({ read }: Governed, id: string): Record<string, string> =>
  Object.fromEntries(
    [...read(`ids/cards/${id}.yaml`).matchAll(/^(\w+): (.*)\n/gm)].map(([, key = '', value = '']) => [key, value]),
  )
const everything = ({ folder, git }: Governed): string[] =>
  git('ls-files', '-co')
    .split('\n')
    .map((path) => `${path} ${readFileSync(join(folder, path)).toString('base64')}`)

describe('ids new', () => {
  test('gives a plugin and each of its operations a card, and the plugin validates', async () => {
    const repository = await withoutCards()
    const { cards } = await repository.done('ids', 'new', 'plugins/hello-world')
    expect(cards.map(({ kind, key }: { kind: string; key: string }) => [kind, key])).toEqual([
      ['plugin', 'hello-world'],
      ['operation', 'hello-world/echo'],
    ])
    const spec = JSON.parse(repository.read(SPEC))
    expect([spec.uid, spec.operations[0].uid]).toEqual(cards.map(({ id }: { id: string }) => id))
    for (const card of cards)
      expect(cardOf(repository, card.id)).toEqual({
        ...card,
        schema: 'tenon.card/1',
        path_at_birth: 'plugins/hello-world',
        created_at: new Date(ulidTime(card.id)).toISOString(),
        created_by: 'Ada <ada@example.org>',
      })
    await repository.done('plugin', 'validate', 'hello-world')
  })

  test('writes uids into a spec without touching a byte that a person wrote', async () => {
    const repository = await withoutCards()
    const spec = JSON.parse(repository.read(SPEC))
    const [echo] = spec.operations
    const again = { ...echo, name: 'again', summary: 'A "second", {one} [here]' }
    for (const extra of ['in', 'out'])
      repository.commit({
        [`plugins/hello-world/schemas/again.${extra}.schema.json`]: repository.read(
          `plugins/hello-world/schemas/echo.${extra}.schema.json`,
        ),
      })
    for (const text of [
      JSON.stringify({ ...spec, operations: [echo, again] }),
      JSON.stringify({ ...spec, operations: [again, echo] }, null, '\t').replaceAll('":', '" :'),
      `\n  ${JSON.stringify({ operations: [echo, again], ...{ ...spec, operations: [echo, again] } }, null, 4)}\n\n`,
    ]) {
      writeFileSync(repository.path(SPEC), text)
      await repository.done('ids', 'new', 'plugins/hello-world')
      const written = repository.read(SPEC)
      expect(written.match(/"uid"/g)?.length).toBe(3)
      expect(written.replaceAll(/,\s*"uid"\s*:\s*"[0-9A-Z]{26}"/g, '')).toBe(text)
    }
  })

  test('writes nothing when every card is there, and only the card that lacks', async () => {
    const repository = await withoutCards()
    await repository.done('ids', 'new', 'plugins/hello-world')
    const before = everything(repository)
    const again = await repository.tenon('ids', 'new', 'plugins/hello-world')
    expect([again.code, again.stdout]).toEqual([0, 'everything has its card already\n'])
    expect(everything(repository)).toEqual(before)
    repository.editSpec('hello-world', ({ operations: [echo] }) => delete echo.uid)
    const { cards } = await repository.done('ids', 'new', 'plugins/hello-world')
    expect(cards).toMatchObject([{ kind: 'operation', key: 'hello-world/echo' }])
  })

  test('gives a policy pack its card, once', async () => {
    const repository = governed()
    const pack = 'pack: base\nversion: 1.0.0\nreleased: 2026-01-01\nrules: []\n'
    repository.commit({ 'policies/base/1.0.0/pack.yaml': pack })
    const { cards } = await repository.done('ids', 'new', 'policies/base')
    expect(cards).toMatchObject([{ kind: 'policy-pack', key: 'base', path_at_birth: 'policies/base' }])
    expect(await repository.done('ids', 'new', 'policies/base')).toEqual({ cards: [], written: [] })
    const newer = await repository.done('ids', 'new', 'policies/base', '--supersede', cards[0].id)
    expect(newer.cards).toMatchObject([{ kind: 'policy-pack', supersedes: cards[0].id }])
    repository.commit({})
    await repository.done('ids', 'seal')
    expect(repository.told()).toEqual([
      'genesis',
      'card.created base',
      'card.created base',
      'superseded',
      'card.bound base',
    ])
  })

  test('corrects a card by one that supersedes it', async () => {
    const repository = await withoutCards()
    const { cards } = await repository.done('ids', 'new', 'plugins/hello-world')
    const [plugin, operation] = cards
    const made = await repository.done('ids', 'new', 'plugins/hello-world', '--supersede', operation.id)
    expect(made.cards).toMatchObject([{ kind: 'operation', key: 'hello-world/echo', supersedes: operation.id }])
    const spec = JSON.parse(repository.read(SPEC))
    expect([spec.uid, spec.operations[0].uid]).toEqual([plugin.id, made.cards[0].id])
    expect(cardsIn(repository).length).toBe(3)
    const unknown = await repository.tenon('ids', 'new', 'plugins/hello-world', '--supersede', OTHER_ULID)
    expect([unknown.code, unknown.stderr]).toEqual([
      5,
      expect.stringContaining(`CARD_UNKNOWN: nothing in plugins/hello-world`),
    ])
  })

  test('is for plugins and packs of a repository', async () => {
    const repository = await withoutCards()
    for (const [words, code, told] of [
      [['elsewhere/plugin'], 2, 'USAGE: "elsewhere/plugin" is no folder of a plugin'],
      [['policies/none'], 2, 'POLICY_INVALID: there is no policy pack in policies/none'],
    ] as const) {
      const ended = await repository.tenon('ids', 'new', ...words)
      expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(told)])
    }
  })

  test('refuses a uid that has no card, and a spec that cannot be derived from, and writes nothing', async () => {
    const repository = await withoutCards()
    repository.editSpec('hello-world', (spec) => (spec.uid = OTHER_ULID))
    const before = everything(repository)
    const ended = await repository.tenon('ids', 'new', 'plugins/hello-world')
    expect([ended.code, ended.stderr]).toEqual([
      1,
      expect.stringMatching(/plugin\.spec\.json:\d+ there is no card 01JZ3V5K8Q0{16} of kind plugin/),
    ])
    repository.editSpec('hello-world', (spec) => {
      delete spec.uid
      spec.operations[0].uid = OTHER_ULID
    })
    const operation = await repository.tenon('ids', 'new', 'plugins/hello-world', '--json')
    expect([operation.code, JSON.parse(operation.stderr).errors]).toMatchObject([
      1,
      [{ pointer: '/operations/0/uid', message: `there is no card ${OTHER_ULID} of kind operation` }],
    ])
    repository.editSpec('hello-world', (spec) => delete spec.operations[0].uid)
    const entry = 'plugins/hello-world/src/plugin.ts'
    writeFileSync(repository.path(entry), repository.read(entry).replace('auto:begin', 'auto:started'))
    const fenced = await repository.tenon('ids', 'new', 'plugins/hello-world')
    expect([fenced.code, fenced.stderr]).toEqual([1, expect.stringContaining('FENCE_BROKEN')])
    expect(everything(repository).length).toBe(before.length)
  })

  test('is done wholly by the next one, wherever it was killed', async () => {
    const repository = await withoutCards()
    repository.commit({})
    const opened = await openRepository(repository.world)
    const making = (disk: typeof nodeDisk) =>
      newCards({ disk, repository: opened, world: repository.world }, 'plugins/hello-world')
    for (let step = 0; ; step += 1) {
      if (!(await wasKilled(making(killingDisk(nodeDisk, step))))) break
      const uids = JSON.parse(repository.read(SPEC)).uid === undefined ? 0 : 2
      expect(cardsIn(repository).filter((name) => name.endsWith('.yaml')).length).toBeGreaterThanOrEqual(uids)
      await making(nodeDisk)
      await repository.done('plugin', 'derive', 'hello-world')
      await repository.done('plugin', 'validate', 'hello-world')
      expect(cardsIn(repository).length).toBe(2)
      repository.git('clean', '-qfdx', '-e', '.local')
      repository.git('checkout', '-q', '.')
    }
  })
})

describe('what is wrong with a card', () => {
  const BROKEN: [string, (text: string) => string, number, string][] = [
    ['not YAML', (text) => text.replace('kind: ', 'kind: ['), 4, ''],
    ['no map', () => 'text\n', 1, ''],
    ['a key too many', (text) => `${text}status: live\n`, 9, 'status'],
    ['a key too few', (text) => text.replace(/^kind.*\n/m, ''), 1, 'kind'],
    ['another id', (text) => text.replace(/^id: .*/m, `id: ${OTHER_ULID}`), 2, 'has the id'],
    [
      'another time',
      (text) => text.replace(/^created_at: .*/m, 'created_at: 2020-01-01T00:00:00.000Z'),
      6,
      'the time of the ULID',
    ],
    ['another form', (text) => text.replace('kind: plugin', "kind: 'plugin'"), 1, 'the one form'],
    ['an unknown predecessor', (text) => `${text}supersedes: ${OTHER_ULID}\n`, 9, 'there is no card'],
    [
      'itself as predecessor',
      (text) => `${text}supersedes: ${/^id: (.*)$/m.exec(text)?.[1]}\n`,
      9,
      'supersedes itself',
    ],
    ['bytes that are no UTF-8', () => '', 1, ''],
  ]

  test('is told with file, line and hint, all at once', async () => {
    const repository = await withoutCards()
    await repository.done('ids', 'new', 'plugins/hello-world')
    mkdirSync(repository.path('ids/cards'), { recursive: true })
    const [sound] = readdirSync(repository.path('ids/cards')).filter((name) =>
      repository.read(`ids/cards/${name}`).includes('kind: plugin'),
    )
    const text = repository.read(`ids/cards/${sound}`)
    const id = String(sound).replace('.yaml', '')
    const changed = (index: number): string => `${id.slice(0, -2)}Z${index}`
    for (const [index, [, change]] of BROKEN.entries())
      writeFileSync(
        repository.path(`ids/cards/${changed(index)}.yaml`),
        index === BROKEN.length - 1 ? Buffer.of(0xff) : change(text.replace(id, changed(index))),
      )
    writeFileSync(repository.path('ids/cards/README.md'), text)
    writeFileSync(repository.path('ids/cards/.gitkeep'), '')
    const ended = await repository.tenon('ids', 'new', 'plugins/hello-world', '--json')
    const { code, errors } = JSON.parse(ended.stderr)
    expect([ended.code, code]).toEqual([1, 'IDENTITY_INVALID'])
    const found = errors.map(({ file, line, code: kind, hint }: Record<string, string>) => [
      file,
      line,
      kind,
      typeof hint,
    ])
    for (const [index, [what, , line, message]] of BROKEN.entries()) {
      expect([what, found]).toEqual([
        what,
        expect.arrayContaining([[`ids/cards/${changed(index)}.yaml`, line, 'CARD_INVALID', 'string']]),
      ])
      expect(JSON.stringify(errors)).toContain(message)
    }
    expect(JSON.stringify(errors)).toContain('README.md\\" is named by no ULID')
    expect(JSON.stringify(errors)).not.toContain('gitkeep')
  })
})
