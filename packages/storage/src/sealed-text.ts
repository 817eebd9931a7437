import type { World } from '@tenon/contract'
import { open, seal } from './cipher.ts'
import type { MasterKeys } from './data-key.ts'

/** A text under the master key itself, for what is kept outside of a storage. It opens only under the same context. */
export const sealText = ({ current }: MasterKeys, context: string, text: string, world: World): string =>
  seal(current, context, Buffer.from(text), world)

/** Undefined when no key opens it, or it was sealed in another context. */
export const openText = ({ current, former }: MasterKeys, context: string, sealed: string): string | undefined =>
  [current, ...former].map((key) => open(key, context, sealed)?.toString()).find((text) => text !== undefined)
