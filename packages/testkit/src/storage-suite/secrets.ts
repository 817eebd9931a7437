import { expect, test } from 'vitest'
import { limits } from '@tenon/contract'
import { MASTER_KEY, only, opened, refusal, type Claims, type StorageMeans } from './means.ts'

const NEXT = new Uint8Array(32).fill(8)
const by = { who: 'owner', why: 'a test' }
const settings = { token: { type: 'secret', label: 'Token' } } as const

/** The claims on secrets and on what seals them. */
export const secretClaims: Claims = {
  'a secret': sealingClaims,
  'a new master key': rotationClaims,
}

function sealingClaims(means: StorageMeans): void {
  test('opens after a restart, for its own plugin only', async () => {
    const first = await opened(means)
    const kept = first.storage.secrets('notes')
    await Promise.all([kept.set('token', 'hunter2 é'), kept.set('second', '')])
    await first.end()
    const { storage } = await opened(means, { place: first.place })
    const secrets = storage.secrets('notes')
    expect(await secrets.get('token')).toBe('hunter2 é')
    expect(await secrets.get('second')).toBe('')
    expect(await secrets.list()).toEqual(['second', 'token'])
    expect(await storage.secrets('other').get('token')).toBeUndefined()
    expect(await secrets.delete('token')).toBe(true)
    expect(await secrets.delete('token')).toBe(false)
    expect(await secrets.get('token')).toBeUndefined()
  })

  test('is not readable where it is kept, nor is a key', async () => {
    const { storage, place, end } = await opened(means)
    await storage.secrets('notes').set('a', 'hunter2-hunter2')
    await storage.config('notes', settings).set({ token: 'hunter2-hunter3' }, by)
    await end()
    const dump = await means.dump(place)
    expect(dump).toContain('secret-key')
    for (const text of ['hunter2', Buffer.from(MASTER_KEY).toString('base64'), Buffer.from(MASTER_KEY).toString('hex')])
      expect(dump).not.toContain(text)
  })

  test('opens under no other master key', async () => {
    const first = await opened(means)
    await first.storage.secrets('notes').set('token', 'hunter2')
    await first.end()
    const { storage } = await opened(means, { place: first.place, masterKeys: only(NEXT) })
    const refused = refusal('KEY_INVALID', { message: expect.stringContaining('notes') })
    await expect(storage.secrets('notes').get('token')).rejects.toThrow(refused)
    await expect(storage.secrets('notes').set('token', 'x')).rejects.toThrow(refused)
  })

  test('does not open when its data key is gone', async () => {
    const { storage, place } = await opened(means)
    await storage.secrets('notes').set('token', 'hunter2')
    await means.tamper(place, "DELETE FROM plugin_row WHERE space = 'secret-key'")
    await expect(storage.secrets('notes').get('token')).rejects.toThrow(refusal('KEY_INVALID'))
  })

  test('has bounds, and so have all of a plugin', async () => {
    const secrets = (await opened(means)).storage.secrets('notes')
    await expect(secrets.set('', 'x')).rejects.toThrow(refusal('STORAGE_VALUE_INVALID'))
    const large = 'x'.repeat(limits.secretBytes)
    const error = await secrets.set('a', `${large}y`).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'STORAGE_VALUE_INVALID' })
    expect(String(error)).not.toContain('xxx')
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => secrets.set(`s${n}`, large)))
    const refused = outcomes.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(9)
    expect(refused[0]).toMatchObject({ reason: { code: 'QUOTA_EXCEEDED' } })
  })
}

function rotationClaims(means: StorageMeans): void {
  test('opens every secret, at once and after a restart, and the old one none', async () => {
    const { storage, place, end } = await opened(means)
    const config = storage.config('other', settings)
    const secrets = storage.secrets('notes')
    await secrets.set('token', 'hunter2')
    await config.set({ token: 'hunter3' }, by)
    expect(await storage.isSealedUnder(NEXT)).toBe(false)
    await storage.rotateMasterKey(only(NEXT))
    expect([await storage.isSealedUnder(NEXT), await storage.isSealedUnder(MASTER_KEY)]).toEqual([true, false])
    expect([await secrets.get('token'), await config.forPlugin()]).toEqual(['hunter2', { token: 'hunter3' }])
    await secrets.set('second', 'x')
    await storage.secrets('third').set('token', 'y')
    await end()
    const again = await opened(means, { place, masterKeys: only(NEXT) })
    const kept = again.storage.secrets('notes')
    expect([await kept.get('token'), await kept.get('second')]).toEqual(['hunter2', 'x'])
    expect(await again.storage.secrets('third').get('token')).toBe('y')
    await again.end()
    const old = await opened(means, { place })
    await expect(old.storage.secrets('notes').get('token')).rejects.toThrow(refusal('KEY_INVALID'))
    await expect(old.storage.secrets('third').get('token')).rejects.toThrow(refusal('KEY_INVALID'))
  })

  test('comes while secrets are read and written, by plugins new and old', async () => {
    const { storage, place, end } = await opened(means)
    const secrets = storage.secrets('notes')
    await secrets.set('token', 'hunter2')
    const turns = Array.from({ length: 30 }, async (_, n) => {
      for (let turn = 0; turn < n; turn += 1) await new Promise(setImmediate)
      expect(await secrets.get('token')).toBe('hunter2')
      await secrets.set(`k${n}`, `${n}`)
      await storage.secrets(`plugin-${n}`).set('token', `${n}`)
    })
    await Promise.all([storage.rotateMasterKey(only(NEXT)), ...turns])
    await storage.rotateMasterKey(only(MASTER_KEY))
    await storage.rotateMasterKey(only(NEXT))
    await end()
    const again = await opened(means, { place, masterKeys: only(NEXT) })
    for (let n = 0; n < 30; n += 1) {
      expect(await again.storage.secrets('notes').get(`k${n}`)).toBe(`${n}`)
      expect(await again.storage.secrets(`plugin-${n}`).get('token')).toBe(`${n}`)
    }
  })

  test.each(['before', 'after'])('and a kill %s the commit are survived by opening with both keys', async (when) => {
    const { storage, place, end } = await opened(means)
    await storage.secrets('notes').set('token', 'hunter2')
    if (when === 'after') await storage.rotateMasterKey(only(NEXT))
    await end()
    const both = await opened(means, { place, masterKeys: { current: NEXT, former: [MASTER_KEY] } })
    expect(await both.storage.secrets('notes').get('token')).toBe('hunter2')
    await both.storage.rotateMasterKey(only(NEXT))
    await both.end()
    const last = await opened(means, { place, masterKeys: only(NEXT) })
    expect(await last.storage.secrets('notes').get('token')).toBe('hunter2')
  })
}
