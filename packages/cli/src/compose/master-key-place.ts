import { assert } from '@tenon/contract'
import type { MasterKeys } from '@tenon/storage'

export const MASTER_KEY_BYTES = 32

/** Where master keys lie: the first one seals, those behind it still open what they sealed. */
export type MasterKeyPlace = {
  from: 'environment' | 'file' | 'keyring'
  /** What people call it; nothing of the keys themselves. */
  name: string
  /** Undefined while none was made. Throws when what lies there is no key. */
  read(): Promise<MasterKeys | undefined>
  /** Makes the first key, unless somebody else was faster. */
  make(): Promise<void>
  /** Puts these in the place of all that lie there, at once. Throws KEY_INVALID where only a person can. */
  write(keys: MasterKeys): Promise<void>
}

export function masterKeysOf([current, ...former]: Uint8Array[]): MasterKeys {
  assert(current !== undefined, 'one of the keys seals')
  return { current, former }
}
