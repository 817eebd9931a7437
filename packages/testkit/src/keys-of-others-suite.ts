import { describe, expect, test } from 'vitest'
import type { Json } from '@tenon/contract'
import type { KvOfAll } from '@tenon/sdk'

/** What a plugin does with the keys of another. It crosses into a sandbox as text, so it uses nothing but its parameters. */
export type ScriptOnAnother = (kv: KvOfAll, other: string) => Promise<Json>

const KEPT = { a: 1, 'b/1': 1, 'b/2': 2, 'b/3': 3 }

/** What other plugins keep, and which of `storage:kv:read:<plugin>` and `storage:kv:write:<plugin>` one is granted. */
export const KEPT_BY_OTHERS = {
  library: { granted: ['read'], kv: KEPT },
  letterbox: { granted: ['write'], kv: KEPT },
  desk: { granted: ['read', 'write'], kv: KEPT },
  safe: { granted: [], kv: KEPT },
} as const

/**
 * The claims that hold for `ctx.kv.of` wherever a plugin runs. `open` gives a plugin that may use keys of its own, with
 * KEPT_BY_OTHERS around it, and lets it run its script on one of those.
 */
export function keysOfOthersSuite(open: (script: ScriptOnAnother) => Promise<(other: string) => Promise<Json>>): void {
  describe.each(Object.entries(KEPT_BY_OTHERS))('the keys of another plugin, %s', (other, { granted }) => {
    test(`are used as far as that is granted: ${granted.join(' and ') || 'nothing'}`, async () => {
      const run = await open(tryAll)
      const came = ([name, { access, gives }]: (typeof ALL)[number]): [string, unknown] => [
        name,
        (granted as readonly string[]).includes(access)
          ? gives
          : expect.stringMatching(new RegExp(`^PERMISSION_DENIED .*storage:kv:${access}:${other}`)),
      ]
      expect(await run(other)).toEqual(Object.fromEntries(ALL.map(came)))
    })
  })

  test('the keys of another plugin are listed by prefix and page', async () => {
    const run = await open((kv, other) => kv.of(other).list('b/', { after: 'b/1', limit: 1 }))
    expect(await run('library')).toEqual(['b/2'])
  })

  test('what is written lies with the other plugin, and not with the one that writes it', async () => {
    const run = await open(async (kv, other) => {
      await kv.of(other).set('theirs', 1)
      await kv.set('mine', 2)
      return [await kv.list(), await kv.of(other).list('theirs'), await kv.of(other).list('mine')]
    })
    expect(await run('desk')).toEqual([['mine'], ['theirs'], []])
  })

  test.each(['elsewhere', 'constructor', '__proto__'])('no plugin is there by chance: %s', async (name) => {
    const run = await open((kv, other) =>
      kv
        .of(other)
        .get('a')
        .then(
          () => 'read',
          ({ code }) => code,
        ),
    )
    expect(await run(name)).toBe('PERMISSION_DENIED')
  })
}

const ALL = Object.entries({
  get: { access: 'read', gives: 1 },
  list: { access: 'read', gives: ['a', 'b/1', 'b/2', 'b/3'] },
  set: { access: 'write', gives: null },
  compareAndSet: { access: 'write', gives: true },
  transaction: { access: 'write', gives: true },
  delete: { access: 'write', gives: null },
})

/** Does each thing that can be done, and says what came of it. */
async function tryAll(kv: KvOfAll, other: string): Promise<Json> {
  const theirs = kv.of(other)
  const works: Record<string, () => Promise<Json | undefined | void>> = {
    get: () => theirs.get('a'),
    list: () => theirs.list(),
    set: () => theirs.set('a', 2),
    compareAndSet: () => theirs.compareAndSet('a', 2, 3),
    transaction: () => theirs.transaction({ when: [{ key: 'a', is: 3 }], changes: [{ set: 'c', value: 1 }] }),
    delete: () => theirs.delete('a'),
  }
  const came: Record<string, Json> = {}
  for (const [name, work] of Object.entries(works))
    came[name] = await work().then(
      (answer) => answer ?? null,
      ({ code, message }) => `${code} ${message}`,
    )
  return came
}
