import { join } from 'node:path'
import { digestHex, TenonError, type BlobStore, type Digest, type Disk, type World } from '@tenon/contract'
import { digesting } from './digests.ts'

/** Blobs as files named by their digest, fanned out over 256 folders. */
export function folderBlobStore(disk: Disk, folder: string, world: World): BlobStore {
  const pathOf = (digest: Digest): string => join(folder, digestHex(digest).slice(0, 2), digestHex(digest))
  return {
    has: async (digest) => (await disk.kind(pathOf(digest))) === 'file',
    get: (digest) => disk.stream(pathOf(digest)),
    put: async (digest, bytes) => {
      const path = pathOf(digest)
      const aside = join(folder, `${world.newId()}.aside`)
      await disk.makeFolder(join(path, '..'))
      const passing = digesting(bytes)
      try {
        await disk.write(aside, passing.bytes, 0o444)
        const { digest: got, size } = passing.seen()
        if (got !== digest)
          throw new TenonError('BUNDLE_DIGEST_MISMATCH', `got ${got}, expected ${digest}`, {
            hint: 'The bytes were damaged or changed on their way.',
          })
        await disk.flush(aside)
        await disk.rename(aside, path)
        await disk.flush(join(path, '..'))
        return { size }
      } catch (thrown) {
        await disk.remove(aside)
        throw thrown
      }
    },
  }
}
