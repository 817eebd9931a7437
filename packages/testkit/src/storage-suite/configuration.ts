import { expect, test } from 'vitest'
import { limits, type SettingsDeclaration } from '@tenon/contract'
import { opened, refusal, type Claims, type StorageMeans } from './means.ts'

const settings: SettingsDeclaration = {
  depth: { type: 'integer', label: 'Depth', default: 3, min: 1 },
  title: { type: 'single-string', label: 'Title' },
  token: { type: 'secret', label: 'Token', envVar: 'NOTES_TOKEN' },
}
const by = { who: 'owner', why: 'a test' }

/** The claims on configuration. */
export const configurationClaims: Claims = {
  'a setting': settingClaims,
  'a secret setting': secretSettingClaims,
  'a setting of one environment': environmentClaims,
  'a variable of the environment': variableClaims,
  'a declaration that changed': changedDeclarationClaims,
  'a migration of settings': migrationClaims,
  'the history': historyClaims,
}

async function configured(means: StorageMeans, options?: Parameters<typeof opened>[1], environment?: string) {
  const one = await opened(means, options)
  return { ...one, config: one.storage.config('notes', settings, { environment }) }
}

function settingClaims(means: StorageMeans): void {
  test('has its default until it is set, and again when it is taken back', async () => {
    const { config } = await configured(means)
    expect(await config.read()).toEqual({
      version: 0,
      settings: {
        depth: { declaration: settings['depth'], source: 'default', value: 3 },
        title: { declaration: settings['title'], source: 'unset' },
        token: { declaration: settings['token'], source: 'unset' },
      },
      problems: [],
    })
    expect(await config.forPlugin()).toEqual({ depth: 3 })
    expect(await config.set({ depth: 5, title: 'Notes' }, by)).toEqual({ version: 1 })
    expect((await config.read()).settings).toMatchObject({
      depth: { source: 'stored', value: 5 },
      title: { source: 'stored', value: 'Notes' },
    })
    expect(await config.set({ depth: null, title: null }, by)).toEqual({ version: 2 })
    expect(await config.forPlugin()).toEqual({ depth: 3 })
  })

  test('is there after a restart, for its own plugin', async () => {
    const first = await configured(means)
    await first.config.set({ title: 'Notes', token: 'hunter2' }, by)
    await first.end()
    const { config: again, storage } = await configured(means, { place: first.place })
    expect(await again.forPlugin()).toEqual({ depth: 3, title: 'Notes', token: 'hunter2' })
    expect(await storage.config('other', settings).forPlugin()).toEqual({ depth: 3 })
  })

  test('is refused with every problem when it is not allowed, and nothing is changed', async () => {
    const { config } = await configured(means)
    const error = await config
      .set({ depth: 0, title: 7, colour: 'red', toString: 'x' }, by)
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [
        { pointer: '/depth', code: 'SETTING_INVALID' },
        { pointer: '/title', code: 'SETTING_INVALID' },
        { pointer: '/colour', code: 'SETTING_UNKNOWN', message: 'there is no setting "colour"' },
        { pointer: '/toString', code: 'SETTING_UNKNOWN' },
      ],
    })
    expect((await config.read()).version).toBe(0)
  })
}

function secretSettingClaims(means: StorageMeans): void {
  test('is given to the plugin and shown to nobody else', async () => {
    const { config, place } = await configured(means)
    await config.set({ token: 'hunter2' }, by)
    expect((await config.read()).settings['token']).toEqual({ declaration: settings['token'], source: 'stored' })
    expect(await config.forPlugin()).toEqual({ depth: 3, token: 'hunter2' })
    expect((await config.history()).map(({ changed }) => changed)).toEqual([{ token: {} }])
    expect(await means.dump(place)).not.toContain('hunter2')
    const refused = await config.set({ token: '' }, by).catch((thrown: unknown) => thrown)
    expect(refused).toMatchObject({ code: 'CONFIG_INVALID' })
    await config.set({ token: null }, by)
    expect(await config.forPlugin()).toEqual({ depth: 3 })
  })

  test.each(['NOTES_TOKEN', 'TENON_SETTING_NOTES__TOKEN'])('is overridden by the variable %s', async (name) => {
    const { config } = await configured(means, { env: { [name]: 'from outside' } })
    await config.set({ token: 'hunter2' }, by)
    expect((await config.read()).settings['token']).toEqual({ declaration: settings['token'], source: 'variable' })
    expect((await config.forPlugin())['token']).toBe('from outside')
  })

  test('of one environment is given there, and shown nowhere', async () => {
    const { config, storage } = await configured(means)
    await config.set({ token: 'everywhere' }, by)
    await config.set({ token: 'staged' }, by, 'staging')
    const staging = storage.config('notes', settings, { environment: 'staging' })
    expect([(await config.forPlugin())['token'], (await staging.forPlugin())['token']]).toEqual([
      'everywhere',
      'staged',
    ])
    expect(JSON.stringify([await staging.read(), await staging.history()])).not.toMatch(/everywhere|staged/)
  })
}

function environmentClaims(means: StorageMeans): void {
  test('holds there and nowhere else, until it is taken back', async () => {
    const { config, storage } = await configured(means)
    const [staging, live] = ['staging', 'live'].map((name) => storage.config('notes', settings, { environment: name }))
    await config.set({ depth: 5, title: 'Notes' }, by)
    expect(await config.set({ depth: 7 }, by, 'staging')).toEqual({ version: 2 })
    expect((await staging?.read())?.settings).toMatchObject({
      depth: { source: 'environment', value: 7 },
      title: { source: 'stored', value: 'Notes' },
    })
    for (const elsewhere of [config, live]) expect(await elsewhere?.forPlugin()).toEqual({ depth: 5, title: 'Notes' })
    await config.set({ depth: null }, by, 'staging')
    expect(await staging?.forPlugin()).toEqual({ depth: 5, title: 'Notes' })
    expect((await config.history()).map(({ environment, changed }) => [environment, changed['depth']])).toEqual([
      [undefined, { to: 5 }],
      ['staging', { to: 7 }],
      ['staging', { from: 7 }],
    ])
  })

  test('is there after a restart', async () => {
    const first = await configured(means)
    await first.config.set({ title: 'Staged', token: 'hunter2' }, by, 'staging')
    await first.end()
    const again = await configured(means, { place: first.place }, 'staging')
    expect(await again.config.forPlugin()).toEqual({ depth: 3, title: 'Staged', token: 'hunter2' })
  })
}

function variableClaims(means: StorageMeans): void {
  const many: SettingsDeclaration = {
    'max-depth': { type: 'integer', label: 'Depth', min: 1 },
    loud: { type: 'boolean-flag', label: 'Loud' },
    words: { type: 'string-list', label: 'Words' },
    title: { type: 'single-string', label: 'Title' },
    files: { type: 'path-glob', label: 'Files', multiple: true },
    more: { type: 'path-glob', label: 'More', multiple: true },
  }
  const read = async (env: Record<string, string>) =>
    (await opened(means, { env })).storage.config('note-book', many, { environment: 'staging' })

  test('overrides what is stored, as text or as JSON, as the setting wants it', async () => {
    const config = await read({
      TENON_SETTING_NOTE_BOOK__MAX_DEPTH: '7',
      TENON_SETTING_NOTE_BOOK__LOUD: 'true',
      TENON_SETTING_NOTE_BOOK__WORDS: '["a", "b"]',
      TENON_SETTING_NOTE_BOOK__TITLE: '7',
      TENON_SETTING_NOTE_BOOK__FILES: '[ab]*.md',
      TENON_SETTING_NOTE_BOOK__MORE: '["*.md"]',
      TENON_SETTING_NOTE__BOOK_LOUD: 'false',
    })
    await config.set({ 'max-depth': 1, loud: false }, by)
    await config.set({ 'max-depth': 2 }, by, 'staging')
    expect((await config.read()).settings['max-depth']).toMatchObject({ source: 'variable', value: 7 })
    expect(await config.forPlugin()).toEqual({
      ...{ 'max-depth': 7, loud: true, words: ['a', 'b'], title: '7', files: '[ab]*.md', more: ['*.md'] },
    })
  })

  test.each([
    ['0', 'max-depth is 0; at least 1 is needed'],
    ['many', 'max-depth is set by TENON_SETTING_NOTE_BOOK__MAX_DEPTH to what is no JSON'],
  ])('that the setting does not allow is named: %s', async (text, message) => {
    const config = await read({ TENON_SETTING_NOTE_BOOK__MAX_DEPTH: text })
    expect((await config.read()).problems).toMatchObject([{ pointer: '/max-depth', message }])
    await expect(config.forPlugin()).rejects.toMatchObject({ code: 'CONFIG_INVALID', problems: [{ message }] })
  })
}

function changedDeclarationClaims(means: StorageMeans): void {
  const integerTitle: SettingsDeclaration = { title: { type: 'integer', label: 'Title' } }

  test('names the stored values that it does not allow, and the plugin gets none of them', async () => {
    const { config, storage } = await configured(means)
    await config.set({ title: 'Notes' }, by)
    const changed = storage.config('notes', integerTitle)
    expect((await changed.read()).problems).toMatchObject([{ pointer: '/title' }])
    await expect(changed.forPlugin()).rejects.toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: 'notes: title is no integer' }),
    )
    await changed.set({ title: 1 }, by)
    expect(await changed.forPlugin()).toEqual({ title: 1 })
  })

  test('neither shows what was a secret nor takes what was none for one', async () => {
    const { config, storage } = await configured(means)
    await config.set({ token: 'hunter2', title: 'Notes' }, by)
    const swapped = storage.config('notes', {
      token: { type: 'single-string', label: 'Token' },
      title: { type: 'secret', label: 'Title' },
    })
    expect((await swapped.read()).settings).toMatchObject({ token: { source: 'unset' }, title: { source: 'unset' } })
    expect(await swapped.forPlugin()).toEqual({})
    await swapped.set({ token: 'plain' }, by)
    expect((await swapped.history()).at(-1)?.changed).toEqual({ token: { to: 'plain' } })
  })
}

function migrationClaims(means: StorageMeans): void {
  const shape = 2

  test('brings what is set in every environment to another declaration, secrets included', async () => {
    const { config, storage, place } = await configured(means)
    const next = storage.config('notes', settings, { environment: 'staging', shape })
    expect(await next.layers()).toBeUndefined()
    await config.set({ depth: 4, title: 'Notes', token: 'hunter1' }, by)
    await config.set({ token: 'hunter2' }, by, 'staging')
    const layers = [
      { values: { depth: 4, title: 'Notes', token: 'hunter1' } },
      { environment: 'staging', values: { token: 'hunter2' } },
    ]
    expect(await next.layers()).toEqual({ version: 2, shape: 1, layers })
    await expect(next.set({ title: 'x' }, by)).rejects.toThrow(refusal('MIGRATION_NEEDED'))
    const moved = [
      { values: { depth: 4, title: 'Moved', token: 'hunter3' } },
      { environment: 'staging', values: { token: 'hunter4' } },
    ]
    expect(await next.replace(moved, 2, by)).toEqual([
      { version: 3, settings: ['title', 'token'] },
      { version: 4, settings: ['token'], environment: 'staging' },
    ])
    expect(await next.layers()).toEqual({ version: 4, shape, layers: moved })
    expect(await next.forPlugin()).toEqual({ depth: 4, title: 'Moved', token: 'hunter4' })
    expect((await next.history()).slice(2).map(({ environment, changed }) => [environment, changed])).toEqual([
      [undefined, { title: { from: 'Notes', to: 'Moved' }, token: {} }],
      ['staging', { token: {} }],
    ])
    expect(await means.dump(place)).not.toContain('hunter')
  })

  test('changes nothing when it is not allowed, or when something was set meanwhile', async () => {
    const { config, storage } = await configured(means)
    const next = storage.config('notes', settings, { shape })
    await config.set({ title: 'Notes' }, by)
    const wrong = [{ values: { depth: 0 } }]
    expect(() => next.checkLayers(wrong)).toThrow(refusal('CONFIG_INVALID'))
    await expect(next.replace(wrong, 1, by)).rejects.toThrow(refusal('CONFIG_INVALID'))
    await config.set({ depth: 5 }, by)
    await expect(next.replace([{ values: { title: 'Moved' } }], 1, by)).rejects.toThrow(refusal('MIGRATION_FAILED'))
    expect(await config.forPlugin()).toEqual({ depth: 5, title: 'Notes' })
  })
}

function historyClaims(means: StorageMeans): void {
  test('holds who changed what from what to what, when and why', async () => {
    const { config, world } = await configured(means)
    await config.set({ depth: 5 }, { who: 'anna', why: 'too shallow' })
    await world.advance(1000)
    await config.set({ depth: 7, title: 'Notes' }, { who: 'ben', why: 'still' })
    await config.set({ depth: null }, by)
    expect(await config.history()).toEqual([
      { version: 1, at: '2026-01-01T00:00:00.000Z', who: 'anna', why: 'too shallow', changed: { depth: { to: 5 } } },
      {
        version: 2,
        at: '2026-01-01T00:00:01.000Z',
        who: 'ben',
        why: 'still',
        changed: { depth: { from: 5, to: 7 }, title: { to: 'Notes' } },
      },
      { version: 3, at: '2026-01-01T00:00:01.000Z', ...by, changed: { depth: { from: 7 } } },
    ])
  })

  test('is whole beyond one page, in order', async () => {
    const { config } = await configured(means)
    const count = limits.kvListMax + 3
    await Promise.all(Array.from({ length: count }, (_, n) => config.set({ depth: n + 1 }, by)))
    expect((await config.history()).map(({ version }) => version)).toEqual(
      Array.from({ length: count }, (_, n) => n + 1),
    )
  })
}
