import { digestBytes, type PluginFile } from '@tenon/bundle'
import type { Digest } from '@tenon/contract'
import { asCommitted } from './text-file.ts'

const known = new WeakMap<PluginFile, Digest>()

/** The digest of a file as it is committed, computed once for each that was read. */
export function fileDigest(file: PluginFile): Digest {
  const digest = known.get(file) ?? digestBytes(asCommitted(file).bytes)
  known.set(file, digest)
  return digest
}
