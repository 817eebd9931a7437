import type { World } from '@tenon/contract'
import type { Storage } from '@tenon/storage'
import { aloneWithKeys } from './key-lock.ts'
import { masterKeysIn } from './master-key.ts'
import { MASTER_KEY_BYTES, type MasterKeyPlace } from './master-key-place.ts'

export type RotationPorts = { storage: Storage; place: MasterKeyPlace; home: string; world: World }

/**
 * Seals everything here under a newer master key: one that lies ready, because another workspace of this home has rotated
 * or a person has given it, or else a new one. The former ones stay, so that a kill, a backup and other workspaces are
 * survived. Says whether a key was made.
 */
export const rotateKey = (ports: RotationPorts): Promise<boolean> =>
  aloneWithKeys(ports.home, ports.world, async () => {
    const { storage, place, world } = ports
    const kept = await masterKeysIn(place)
    const isNewest = await storage.isSealedUnder(kept.current)
    const next = { current: world.random(MASTER_KEY_BYTES), former: [kept.current, ...kept.former] }
    if (isNewest) await place.write(next)
    await storage.rotateMasterKey(isNewest ? next : kept)
    return isNewest
  })

/** Forgets all master keys but the first, once nothing here is sealed under them. Other workspaces are not looked at. */
export const dropFormerKeys = (ports: RotationPorts): Promise<number> =>
  aloneWithKeys(ports.home, ports.world, async () => {
    const { current, former } = await masterKeysIn(ports.place)
    await ports.storage.rotateMasterKey({ current, former: [] })
    if (former.length > 0) await ports.place.write({ current, former: [] })
    return former.length
  })
