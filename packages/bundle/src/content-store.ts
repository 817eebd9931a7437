import { dirname, join } from 'node:path'
import { decodeUtf8, digestHex, prettyJson, TenonError, type Digest, type Disk, type Envelope } from '@tenon/contract'
import { envelopeSchema, readAs, validatorOf } from '@tenon/contract/schema'
import type { PluginFile } from './archive.ts'
import { openBundle, type Bundle } from './bundle.ts'
import { digestJson } from './digests.ts'
import { listTree, readTree } from './folder-tree.ts'

export type StoredBundle = { bundle: Bundle; envelope: Envelope }

/** Unpacked bundles by the digest of their archive, each beside the envelope that signs it. Read-only once there. */
export type ContentStore = {
  has(digest: Digest): Promise<boolean>
  /** Puts a bundle in place of whatever is there. */
  put(digest: Digest, files: readonly PluginFile[], envelope: Envelope): Promise<void>
  /** The folder of the bundle's files. */
  folder(digest: Digest): string
  /** Reads a bundle back and checks every byte of it against its manifest. */
  open(digest: Digest): Promise<StoredBundle>
  /** Another text once any file of a bundle was changed, added, removed or replaced. Reads none of them. */
  identity(digest: Digest): Promise<Digest>
}

const envelopes = validatorOf(envelopeSchema)

export function contentStore(disk: Disk, root: string): ContentStore {
  const home = (digest: Digest): string => join(root, digestHex(digest))
  const identityAt = async (path: string): Promise<string> => (await disk.identity(path)) ?? ''
  return {
    has: async (digest) => (await disk.kind(home(digest))) === 'folder',
    folder: (digest) => join(home(digest), 'files'),
    put: async (digest, files, envelope) => {
      const aside = `${home(digest)}.aside`
      await disk.remove(aside)
      const written = files.map(({ path, bytes }): PluginFile => ({ path: join(aside, 'files', path), bytes }))
      written.push({ path: join(aside, 'envelope.json'), bytes: Buffer.from(prettyJson(envelope)) })
      await writeFlushed(disk, written, aside)
      await disk.remove(home(digest))
      await disk.rename(aside, home(digest))
      await disk.flush(root)
    },
    open: async (digest) => ({
      envelope: await readEnvelope(disk, join(home(digest), 'envelope.json')),
      bundle: openBundle(await readTree(disk, join(home(digest), 'files'))),
    }),
    identity: async (digest) => {
      const { files, irregular } = await listTree(disk, home(digest))
      const paths = [...files, ...irregular]
      return digestJson(
        await Promise.all(paths.map(async (path) => [path, await identityAt(join(home(digest), path))])),
      )
    },
  }
}

/** Writes the files below a folder, and brings them and every folder on the way to the medium. */
async function writeFlushed(disk: Disk, files: readonly PluginFile[], root: string): Promise<void> {
  const folders = new Set<string>()
  for (const { path, bytes } of files) {
    for (let folder = dirname(path); folder.length >= root.length; folder = dirname(folder)) folders.add(folder)
    await disk.makeFolder(dirname(path))
    await disk.write(path, bytes, 0o444)
    await disk.flush(path)
  }
  for (const folder of folders) await disk.flush(folder)
}

async function readEnvelope(disk: Disk, path: string): Promise<Envelope> {
  const bytes = await disk.read(path)
  const hint = 'Run "tenon plugin install" again.'
  if (bytes === undefined) throw new TenonError('DATA_FOLDER_CORRUPT', `${path} is missing`, { hint })
  const { value, problems } = readAs(decodeUtf8(bytes, path), envelopes)
  if (value === undefined) throw new TenonError('DATA_FOLDER_CORRUPT', `${path} is damaged`, { hint, problems })
  return value
}
