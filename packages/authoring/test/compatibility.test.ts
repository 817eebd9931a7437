import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { read, write } from './plugins.ts'
import { editInput, INPUT, released, requireMore, setVersion, takeMore } from './released.ts'

const ASSERTIONS = 'conformance/contract/assertions.yaml'

describe('the gate of compatibility', () => {
  test('has nothing to compare before the first release, says so, and passes', async () => {
    const { gate } = await released()
    expect(await gate()).toEqual({ gate: 'compatibility', checked: 0, problems: [], idle: 'nothing was released' })
  })

  test('passes a plugin whose contract is as it was released', async () => {
    const { release, gate } = await released()
    release('1.0.0')
    expect(await gate()).toEqual({ gate: 'compatibility', checked: 1, problems: [] })
  })

  test('refuses the version of a release for another contract, with the document that shows it', async () => {
    const { root, release, gate } = await released()
    release('1.0.0')
    requireMore(root)
    const { problems } = (await gate()) ?? { problems: [] }
    expect(problems).toEqual([
      {
        pointer: '/version',
        file: 'plugin.spec.json',
        line: expect.any(Number),
        code: 'VERSION_TOO_SMALL',
        message: expect.stringMatching(
          /^1\.0\.0 is too small after 1\.0\.0: \/operations\/echo\/input\/more: a document without "more" was taken and is refused now: such as \{.*\}$/,
        ),
        hint: 'At least 2.0.0 may follow: run "tenon plugin bump demo-plugin".',
      },
    ])
  })

  test.each([
    ['1.0.1', 'VERSION_TOO_SMALL'],
    ['1.1.0', undefined],
    ['2.0.0', undefined],
  ])('where a contract only grew, %s after 1.0.0 gives %s', async (version, code) => {
    const { root, release, gate } = await released()
    release('1.0.0')
    takeMore(root)
    setVersion(root, version)
    expect((await gate())?.problems.map((one) => one.code)).toEqual(code === undefined ? [] : [code])
  })

  test('before 1.0.0 takes the minor version for the major one', async () => {
    const { root, release, gate } = await released()
    release('0.1.0')
    requireMore(root)
    setVersion(root, '0.1.9')
    expect((await gate())?.problems).toMatchObject([
      { code: 'VERSION_TOO_SMALL', hint: expect.stringContaining('0.2.0') },
    ])
    setVersion(root, '0.2.0')
    expect((await gate())?.problems).toEqual([])
  })

  test('before 1.0.0 mends an older minor version beside a later one', async () => {
    const { root, release, gate } = await released()
    release('0.1.0')
    release('0.2.0')
    setVersion(root, '0.1.1')
    expect(await gate()).toMatchObject({ checked: 2, problems: [] })
    setVersion(root, '0.2.1')
    expect(await gate()).toMatchObject({ checked: 1, problems: [] })
  })

  test('compares with every release of the major: what was given back is no return to what was', async () => {
    const { root, release, gate } = await released()
    release('1.0.0')
    takeMore(root)
    release('1.1.0')
    editInput(root, (schema) => delete schema['properties'].more)
    setVersion(root, '1.1.1')
    const { checked, problems } = (await gate()) ?? {}
    expect(checked).toBe(2)
    expect(problems).toMatchObject([{ message: expect.stringContaining('after 1.1.0: /operations/echo/input/more') }])
  })

  test('says what follows from several releases alike once, of the newest', async () => {
    const { root, release, gate } = await released()
    release('1.0.0')
    release('1.0.1')
    requireMore(root)
    const { checked, problems } = (await gate()) ?? {}
    expect(checked).toBe(2)
    expect(problems).toMatchObject([{ message: expect.stringContaining('1.0.1 is too small after 1.0.1:') }])
  })

  test('leaves a contract that cannot be read to the gates of its files', async () => {
    const { root, release, gate } = await released()
    release('1.0.0')
    write(root, INPUT, '{ "type": "strnig" }')
    expect(await gate()).toEqual({ gate: 'compatibility', checked: 1, problems: [] })
  })

  test('shows the beginning of a long document', async () => {
    const { root, release, gate } = await released()
    editInput(root, (schema) => (schema['properties'].text.minLength = 500))
    release('1.0.0')
    requireMore(root)
    expect((await gate())?.problems).toMatchObject([
      { message: expect.stringMatching(/: such as \{"text":"\S{111}…$/) },
    ])
  })

  test('refuses a version below a release of its own line, and mends an older line', async () => {
    const { root, release, gate } = await released()
    release('1.0.0')
    takeMore(root)
    release('1.2.0')
    takeMore(root, 'still')
    release('2.0.0')
    setVersion(root, '1.1.0')
    expect((await gate())?.problems).toMatchObject([{ message: '1.1.0 is too small: 1.2.0 was released already' }])
    setVersion(root, '1.3.0')
    expect(await gate()).toMatchObject({ checked: 3, problems: [] })
  })

  test('finds a release where the plugin lay then', async () => {
    const { repository, root, release, releases } = await released()
    release('1.0.0')
    mkdirSync(join(repository.folder, 'moved'))
    renameSync(root, join(repository.folder, 'moved/demo-plugin'))
    const [version = ''] = (await releases(join(repository.folder, 'moved/demo-plugin'))).map(
      ({ folder }) => folder.root,
    )
    expect(version).toBe('plugins/demo-plugin')
  })

  test('refuses to pass over a release that cannot be read', async () => {
    const { root, repository, release, gate } = await released()
    release('1.0.0')
    const spec = read(root, 'plugin.spec.json')
    repository.commit({ 'plugins/demo-plugin/plugin.spec.json': '{}' })
    repository.git('tag', 'plugin/demo-plugin/v1.0.1')
    repository.git('rm', '-q', '--cached', 'plugins/demo-plugin/plugin.spec.json')
    repository.git('commit', '-qm', 'Take it away')
    repository.git('tag', 'plugin/demo-plugin/v1.0.2')
    write(root, 'plugin.spec.json', spec)
    expect((await gate())?.problems).toMatchObject([
      {
        code: 'RELEASE_UNREADABLE',
        message: 'the release 1.0.2 cannot be compared: plugin.spec.json is missing',
        hint: 'Look at it with "git show plugin/demo-plugin/v1.0.2".',
      },
      { code: 'RELEASE_UNREADABLE', message: expect.stringContaining('the release 1.0.1 cannot be compared') },
    ])
  })
})

describe('what people vouch for', () => {
  const doubt = (root: string): void => editInput(root, (schema) => (schema['properties'].text.pattern = '^(a|b)+$'))
  const asserted = (fields: Record<string, string | number>): string =>
    `- ${Object.entries({
      where: '/operations/echo/input/text',
      from: '1.0.0',
      to: '1.1.0',
      reviewer: 'ada',
      reason: 'The patterns mean the same.',
      instances: 100,
      ...fields,
    })
      .map(([key, value]) => `${key}: ${value}`)
      .join('\n  ')}\n`

  async function doubted() {
    const made = await released()
    editInput(made.root, (schema) => (schema['properties'].text.pattern = '^[ab]+$'))
    made.release('1.0.0')
    doubt(made.root)
    setVersion(made.root, '1.1.0')
    return made
  }

  test('lets a doubt pass when random documents bear it out', async () => {
    const { root, gate } = await doubted()
    expect((await gate())?.problems).toMatchObject([
      { code: 'VERSION_TOO_SMALL', message: expect.stringContaining('it may be that a value that "pattern" excludes') },
    ])
    write(root, ASSERTIONS, asserted({}))
    expect((await gate())?.problems).toEqual([])
  })

  test.each([
    ['another place', { where: '/operations/echo/output' }],
    ['another release', { from: '0.9.0' }],
    ['an older version', { to: '1.0.5' }],
  ])('counts for nothing at %s', async (_, fields) => {
    const { root, gate } = await doubted()
    write(root, ASSERTIONS, asserted(fields))
    expect((await gate())?.problems).toMatchObject([{ code: 'VERSION_TOO_SMALL' }])
  })

  test.each([
    ['too few documents', { instances: 99 }, 6, 'instances'],
    ['an unknown key', { because: 'x' }, 7, 'because'],
    ['no version', { to: 'next' }, 3, '"next" is no version'],
  ])('is refused with %s, at its line', async (_, fields, line, message) => {
    const { root, gate } = await doubted()
    write(root, ASSERTIONS, asserted(fields))
    const [first] = (await gate())?.problems ?? []
    expect(first).toMatchObject({ code: 'ASSERTION_INVALID', file: ASSERTIONS })
    expect(`${first?.pointer} ${first?.message}`).toContain(message)
    expect(first?.line).toBe(line)
  })
})
