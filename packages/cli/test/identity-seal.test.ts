import { generateKeyPairSync } from 'node:crypto'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { seal } from '@tenon/authoring'
import { newSigningKey, nodeDisk, openRepository } from '@tenon/bundle'
import { killingDisk, temporaryFolder } from '@tenon/testkit'
import { cardsIn, governed, wasKilled, withPlugins, type Governed } from './governed.ts'

const FILES = ['.ledger/ids.jsonl', '.ledger/checkpoint.json', 'ids/registry.yaml']
const BIRTH = (id: string): string[] => [
  `card.created ${id}`,
  `card.created ${id}/echo`,
  `card.bound ${id}`,
  `card.bound ${id}/echo`,
  'version.published 0.1.0',
]

/** Bytes of what a seal writes; those that are not there are undefined. */
const sealedFiles = ({ path, read }: Governed): (string | undefined)[] =>
  FILES.map((file) => (existsSync(path(file)) ? read(file) : undefined))

function keyFile(): string {
  const file = join(temporaryFolder(), 'key.pem')
  writeFileSync(file, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return file
}

async function refused(repository: Governed, code: string, told: RegExp, ...flags: string[]): Promise<void> {
  const before = sealedFiles(repository)
  const ended = await repository.tenon('ids', 'seal', ...flags)
  expect([ended.stderr, ended.code]).toEqual([expect.stringMatching(told), code === 'IDENTITY_INVALID' ? 1 : 5])
  expect(ended.stderr).toContain(`error ${code}: `)
  expect(sealedFiles(repository)).toEqual(before)
}

async function bump(repository: Governed, id: string, version: string): Promise<void> {
  repository.editSpec(id, (spec) => (spec.version = version))
  const log = `plugins/${id}/CHANGELOG.md`
  writeFileSync(repository.path(log), repository.read(log).replace(/^## /m, `## ${version}\n\nMore.\n\n## `))
  await repository.done('plugin', 'derive', id)
}

describe('ids seal', () => {
  test('tells in merge order what the history shows, and a second one changes nothing', async () => {
    const repository = await withPlugins('first', 'second')
    await repository.done('ids', 'seal')
    expect(repository.told()).toEqual(['genesis', ...BIRTH('first'), ...BIRTH('second')])
    const commits = repository.git('rev-list', '--reverse', 'HEAD').split('\n')
    expect(repository.ledger().map(({ commit }) => commits.indexOf(commit))).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    const files = sealedFiles(repository)
    expect((await repository.tenon('ids', 'seal')).stdout).toBe('nothing to seal\n')
    repository.commit({ 'README.md': 'Nothing of identity.' }, 'Seal')
    expect(await repository.done('ids', 'seal')).toMatchObject({ appended: [], written: [], size: 11 })
    expect(sealedFiles(repository)).toEqual(files)
  })

  test('is a function of history: sealed at once or after each change, the bytes are the same', async () => {
    const repository = governed()
    const key = keyFile()
    for (const id of ['first', 'second', 'third']) {
      await repository.done('plugin', 'new', id)
      await repository.done('ids', 'new', `plugins/${id}`)
      repository.git('add', 'plugins', 'ids/cards')
      repository.git('commit', '-qm', id)
      await repository.done('ids', 'seal', '--key', key)
    }
    const stepwise = sealedFiles(repository)
    for (const file of FILES) rmSync(repository.path(file))
    await repository.done('ids', 'seal', '--key', key)
    expect(sealedFiles(repository)).toEqual(stepwise)
  })

  test('follows the order of merges, not that of the commits that were merged', async () => {
    const repository = await withPlugins('first')
    for (const id of ['early', 'late']) {
      repository.git('switch', '-qc', id, 'main')
      await repository.done('plugin', 'new', id)
      await repository.done('ids', 'new', `plugins/${id}`)
      repository.commit({}, `Add ${id}`)
    }
    repository.git('switch', '-q', 'main')
    for (const id of ['late', 'early']) repository.git('merge', '-q', '--no-ff', '-m', `Merge ${id}`, id)
    await repository.done('ids', 'seal')
    expect(repository.told()).toEqual(['genesis', ...BIRTH('first'), ...BIRTH('late'), ...BIRTH('early')])
    const merges = repository.git('rev-list', '--first-parent', 'HEAD').split('\n')
    expect(repository.ledger().every(({ commit }) => merges.includes(commit))).toBe(true)
  })

  test('shows a renamed plugin and operation as moved, with no new identity', async () => {
    const repository = await withPlugins('hello-world')
    await repository.done('ids', 'seal')
    const [born] = [repository.ledger().length]
    const cards = cardsIn(repository)
    renameSync(repository.path('plugins/hello-world'), repository.path('plugins/good-day'))
    repository.editSpec('good-day', (spec) => {
      spec.id = 'good-day'
      spec.operations[0].name = 'greet'
    })
    const manifest = JSON.parse(repository.read('plugins/good-day/manifest.json'))
    repository.commit({ 'plugins/good-day/manifest.json': JSON.stringify({ ...manifest, id: 'good-day' }) })
    await repository.done('ids', 'seal')
    expect(repository.told().slice(born)).toEqual([
      'path.moved good-day',
      'path.moved good-day/greet',
      'version.published 0.1.0',
    ])
    expect(repository.ledger()[born].data).toEqual({
      key: 'good-day',
      path: 'plugins/good-day',
      from: { key: 'hello-world', path: 'plugins/hello-world' },
    })
    expect(cardsIn(repository)).toEqual(cards)
    expect(repository.read('ids/registry.yaml')).toContain('key: good-day/greet\n')
  })

  test('shows a plugin that is taken away as deprecated, and as bound again when it is back', async () => {
    const repository = await withPlugins('hello-world')
    const there = repository.git('rev-parse', 'HEAD')
    repository.git('rm', '-rq', 'plugins/hello-world')
    repository.commit({})
    repository.git('checkout', '-q', there, '--', 'plugins')
    repository.commit({ 'plugins/hello-world/plugin.spec.json': '{' }, 'Back, and broken')
    repository.git('checkout', '-q', there, '--', 'plugins')
    repository.commit({}, 'Mended')
    repository.commit({ 'plugins/hello-world/plugin.spec.json': '{' }, 'Broken')
    repository.git('checkout', '-q', there, '--', 'plugins')
    repository.commit({}, 'Mended again')
    await repository.done('ids', 'seal')
    expect(repository.told().slice(6)).toEqual([
      'deprecated hello-world',
      'deprecated hello-world/echo',
      'card.bound hello-world',
      'card.bound hello-world/echo',
    ])
    expect(repository.read('ids/registry.yaml')).not.toContain('deprecated')
    repository.git('rm', '-rq', 'plugins/hello-world')
    repository.commit({})
    await repository.done('ids', 'seal')
    expect(repository.read('ids/registry.yaml').match(/^ {4}deprecated: true$/gm)?.length).toBe(2)
  })

  test('refuses other content under a published version until a version on top of it is merged', async () => {
    const repository = await withPlugins('hello-world')
    await repository.done('ids', 'seal')
    repository.commit({})
    writeFileSync(repository.path('plugins/hello-world/src/more.ts'), 'export const more = 1\n')
    await repository.done('plugin', 'derive', 'hello-world')
    repository.commit({}, 'Change without a version')
    await refused(repository, 'VERSION_CHANGED', /manifest\.json:1 hello-world@0\.1\.0 was published at [0-9a-f]{40}/)
    await bump(repository, 'hello-world', '0.1.1')
    repository.commit({}, 'Give it a version')
    await repository.done('ids', 'seal')
    expect(repository.told().slice(6)).toEqual(['version.published 0.1.1'])
  })

  test('refuses a sealed card that was changed or taken away', async () => {
    const repository = await withPlugins('hello-world')
    await repository.done('ids', 'seal')
    const [card] = cardsIn(repository)
    const text = repository.read(`ids/cards/${card}`)
    repository.commit({ [`ids/cards/${card}`]: text.replace('created_by: Ada', 'created_by: Eve') })
    await refused(repository, 'CARD_CHANGED', new RegExp(`ids/cards/${card}:1 was changed after it was sealed`))
    repository.git('rm', '-q', `ids/cards/${card}`)
    repository.commit({})
    await refused(repository, 'CARD_CHANGED', new RegExp(`ids/cards/${card}:1 was taken away`))
  })

  test('refuses identities that are not in order, all at once', async () => {
    const repository = await withPlugins('first', 'second', 'third', 'fourth')
    const [one, two] = ['first', 'second'].map((id) => JSON.parse(repository.read(`plugins/${id}/plugin.spec.json`)))
    repository.editSpec('second', (spec) => (spec.operations[0].uid = one.uid))
    repository.editSpec('third', (spec) => (spec.uid = two.uid))
    rmSync(repository.path('plugins/fourth/manifest.json'))
    const strange = repository.read(`ids/cards/${one.uid}.yaml`).replaceAll(one.uid, '01JZ3V5K8Q0000000000000000')
    repository.commit({
      'plugins/fifth/plugin.spec.json': '[]',
      'plugins/sixth/plugin.spec.json': JSON.stringify({
        id: 'sixth',
        version: '1.0.0',
        uid: '01JZ3V5K8Q1111111111111111',
      }),
      'ids/cards/01JZ3V5K8Q0000000000000000.yaml': strange,
    })
    await refused(repository, 'IDENTITY_INVALID', /is the card of a plugin, no operation/)
    const { stderr } = await repository.tenon('ids', 'seal')
    for (const told of [
      /second\/plugin\.spec\.json:\d+ .* is the card of a plugin, no operation/,
      /third\/plugin\.spec\.json:\d+ .* is named by second, too/,
      /fourth\/manifest\.json:1 is no manifest of fourth@0\.1\.0/,
      /fifth\/plugin\.spec\.json:1 is no spec/,
      /sixth\/plugin\.spec\.json:1 there is no card 01JZ3V5K8Q1/,
      /01JZ3V5K8Q0000000000000000\.yaml:6 .* is not .*, the time of the ULID/,
    ])
      expect(stderr).toMatch(told)
  })

  test('refuses a superseded card that a spec still names', async () => {
    const repository = await withPlugins('hello-world')
    const spec = repository.read('plugins/hello-world/plugin.spec.json')
    const { uid } = JSON.parse(spec)
    await repository.done('ids', 'new', 'plugins/hello-world', '--supersede', uid)
    writeFileSync(repository.path('plugins/hello-world/plugin.spec.json'), spec)
    await repository.done('plugin', 'derive', 'hello-world')
    repository.commit({})
    await refused(repository, 'IDENTITY_INVALID', new RegExp(`${uid} is superseded by`))
  })

  test('goes on from the ledger of HEAD alone', async () => {
    const repository = await withPlugins('hello-world')
    await repository.done('ids', 'seal')
    repository.commit({}, 'Seal')
    const [ledger, checkpoint] = sealedFiles(repository)
    const put = (text: string): void => writeFileSync(repository.path('.ledger/ids.jsonl'), text)
    put(String(ledger).replace('Ada', 'Eve'))
    await refused(repository, 'SEAL_REFUSED', /ids\.jsonl in the working tree does not go on from that of HEAD/)
    put('')
    await refused(repository, 'SEAL_REFUSED', /does not go on from that of HEAD/)
    repository.commit({ '.ledger/ids.jsonl': String(ledger).replace('Ada', 'Eve') }, 'Rewrite the past')
    await refused(repository, 'LEDGER_BROKEN', /line 1 of ids\.jsonl was changed/)
    repository.commit({ '.ledger/ids.jsonl': String(ledger).split('\n').slice(0, 3).join('\n') + '\n' }, 'Truncate')
    await refused(repository, 'LEDGER_BROKEN', /line 4 of ids\.jsonl is missing: the checkpoint signed 6 lines/)
    repository.commit({
      '.ledger/ids.jsonl': String(ledger),
      '.ledger/checkpoint.json': String(checkpoint).replace('at": "2', 'at": "3'),
    })
    await refused(repository, 'LEDGER_BROKEN', /checkpoint\.json has a signature that does not verify/)
  })

  test('takes no line that it would not have written, signed or not', async () => {
    const repository = await withPlugins('hello-world')
    const opened = await openRepository(repository.world)
    await repository.done('ids', 'seal')
    const [ledger] = sealedFiles(repository)
    const other = await withPlugins('hello-world')
    await other.done('ids', 'seal')
    repository.commit({}, 'Seal')
    writeFileSync(repository.path('.ledger/ids.jsonl'), `${ledger}{"seq":6}\n`)
    await refused(repository, 'LEDGER_BROKEN', /line 7 of ids\.jsonl is of no type of the ledger/)
    rmSync(repository.path('.ledger'), { recursive: true })
    repository.commit({ '.ledger/ids.jsonl': other.read('.ledger/ids.jsonl') }, 'A foreign ledger, unsigned')
    await expect(seal({ disk: nodeDisk, repository: opened, key: newSigningKey() })).rejects.toThrow(
      expect.objectContaining({ code: 'SEAL_REFUSED', message: expect.stringContaining('line 1 of') }),
    )
  })

  test('refuses a history that does not hold what was sealed', async () => {
    const repository = await withPlugins('first', 'second')
    await repository.done('ids', 'seal')
    const files = sealedFiles(repository)
    repository.git('checkout', '-q', 'HEAD~1')
    await refused(
      repository,
      'SEAL_REFUSED',
      /HEAD [0-9a-f]{40} does not go on from [0-9a-f]{40}, which was sealed last/,
    )
    expect(files[0]).toBeDefined()
    repository.git('checkout', '-q', 'main')
    const shallow = temporaryFolder()
    repository.git('clone', '-q', '--depth', '1', `file://${repository.folder}`, join(shallow, 'clone'))
    const world = { ...repository.world, cwd: join(shallow, 'clone') }
    await expect(
      seal({ disk: nodeDisk, repository: await openRepository(world), key: newSigningKey() }),
    ).rejects.toThrow(expect.objectContaining({ code: 'SEAL_REFUSED', hint: expect.stringContaining('--unshallow') }))
  })

  test('is signed by one key until that key names the next', async () => {
    const repository = await withPlugins('hello-world')
    const [first, second, third] = [keyFile(), keyFile(), keyFile()]
    await repository.done('ids', 'seal', '--key', first)
    await refused(repository, 'SEAL_REFUSED', /the key sha256:.* signs this ledger, not sha256:/, '--key', second)
    const { keyId } = await repository.done('ids', 'seal', '--key', first, '--rotate-to', second)
    expect(repository.ledger().at(-1)).toMatchObject({ type: 'key.rotated', data: { keyId } })
    const again = await repository.done('ids', 'seal', '--key', first, '--rotate-to', second)
    expect(again).toMatchObject({ appended: [], written: [] })
    await refused(repository, 'SEAL_REFUSED', /signs this ledger/, '--key', first)
    expect(await repository.done('ids', 'seal', '--key', second)).toMatchObject({ appended: [] })
    expect(await repository.done('ledger', 'verify')).toMatchObject({ ok: true, keyId })
    await refused(repository, 'SEAL_REFUSED', /signs this ledger/, '--key', first, '--rotate-to', third)
    const none = await repository.tenon('ids', 'seal', '--key', 'none.pem')
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('KEY_INVALID')])
  })

  test('that was killed is mended by the next one, whatever step it came to', async () => {
    const repository = await withPlugins('hello-world')
    const opened = await openRepository(repository.world)
    const key = newSigningKey()
    const sealing = (disk: typeof nodeDisk) => seal({ disk, repository: opened, key })
    await sealing(nodeDisk)
    const whole = sealedFiles(repository)
    const clean = (): void => FILES.forEach((file) => rmSync(repository.path(file), { force: true }))
    let steps = 0
    for (clean(); ; steps += 1) {
      if (!(await wasKilled(sealing(killingDisk(nodeDisk, steps))))) break
      await sealing(nodeDisk)
      expect(sealedFiles(repository)).toEqual(whole)
      clean()
    }
    expect(steps).toBeGreaterThan(15)
  })
})

describe('ids registry', () => {
  test('is written from what was sealed, and compared', async () => {
    const repository = await withPlugins('hello-world')
    await repository.done('ids', 'seal')
    expect(await repository.done('ids', 'registry', '--check')).toEqual({ problems: [] })
    const text = repository.read('ids/registry.yaml')
    writeFileSync(repository.path('ids/registry.yaml'), text.replace('key: hello-world/echo', 'key: mine'))
    const differs = await repository.tenon('ids', 'registry', '--check')
    expect([differs.code, differs.stdout]).toEqual([
      1,
      expect.stringMatching(
        /registry\.yaml:15 has " {4}key: mine" where the ledger implies .*hello-world\/echo.*tenon ids registry/,
      ),
    ])
    expect(await repository.done('ids', 'registry')).toEqual({ written: true })
    expect(await repository.done('ids', 'registry')).toEqual({ written: false })
    expect(repository.read('ids/registry.yaml')).toBe(text)
    writeFileSync(repository.path('ids/registry.yaml'), text.trimEnd())
    const shorter = await repository.tenon('ids', 'registry', '--check')
    expect([shorter.code, shorter.stdout]).toEqual([
      1,
      expect.stringContaining('has nothing where the ledger implies ""'),
    ])
    rmSync(repository.path('ids/registry.yaml'))
    expect((await repository.tenon('ids', 'registry', '--check')).code).toBe(1)
  })

  test('is made of no ledger that was changed, and of no card that was', async () => {
    const repository = await withPlugins('hello-world')
    await repository.done('ids', 'seal')
    const [card] = cardsIn(repository)
    repository.git('rm', '-q', `ids/cards/${card}`)
    repository.commit({}, 'Take a card away')
    const taken = await repository.tenon('ids', 'registry')
    expect([taken.code, taken.stderr]).toEqual([5, expect.stringContaining('CARD_CHANGED')])
    writeFileSync(repository.path('.ledger/ids.jsonl'), repository.read('.ledger/ids.jsonl').replace('Ada', 'Eve'))
    const changed = await repository.tenon('ids', 'registry')
    expect([changed.code, changed.stderr]).toEqual([5, expect.stringContaining('LEDGER_BROKEN')])
  })
})
