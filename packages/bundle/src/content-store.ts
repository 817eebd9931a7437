import { dirname, join } from 'node:path'
import { digestHex, parseJson, TenonError, type Digest, type Disk, type Envelope } from '@tenon/contract'
import { envelopeSchema, validatorOf } from '@tenon/contract/schema'
import { openBundle, type Bundle } from './bundle.ts'
import type { PluginFile } from './archive.ts'

/** Unpacked bundles by the digest of their archive, each beside the envelope that signs it. Read-only once there. */
export type ContentStore = {
  has(digest: Digest): Promise<boolean>
  put(digest: Digest, files: readonly PluginFile[], envelope: Envelope): Promise<void>
  /** The folder of the bundle's files. */
  folder(digest: Digest): string
  /** Reads a bundle back and checks every byte of it against its manifest. */
  open(digest: Digest): Promise<{ bundle: Bundle; envelope: Envelope }>
  list(): Promise<Digest[]>
  remove(digest: Digest): Promise<void>
}

const envelopes = validatorOf(envelopeSchema)

export function contentStore(disk: Disk, root: string): ContentStore {
  const home = (digest: Digest): string => join(root, digestHex(digest))
  return {
    has: async (digest) => (await disk.kind(home(digest))) === 'folder',
    folder: (digest) => join(home(digest), 'files'),
    list: async () =>
      (await disk.list(root)).filter((name) => /^[0-9a-f]{64}$/.test(name)).map((hex): Digest => `sha256:${hex}`),
    remove: (digest) => disk.remove(home(digest)),
    put: async (digest, files, envelope) => {
      const aside = `${home(digest)}.aside`
      await disk.remove(aside)
      await disk.makeFolder(aside)
      const texts = [{ path: '../envelope.json', bytes: Buffer.from(JSON.stringify(envelope)) }, ...files]
      for (const { path, bytes } of texts) await writeFlushed(disk, join(aside, 'files', path), bytes)
      for (const folder of foldersOf(texts.map(({ path }) => join(aside, 'files', path)))) await disk.flush(folder)
      await disk.rename(aside, home(digest))
      await disk.flush(root)
    },
    open: async (digest) => {
      const text = await disk.read(join(home(digest), 'envelope.json'))
      if (text === undefined)
        throw new TenonError('DATA_FOLDER_CORRUPT', `${home(digest)} has no envelope.json`, {
          hint: 'Run "tenon plugin install" again.',
        })
      const envelope = parseJson(Buffer.from(text).toString('utf8'), 'envelope.json')
      if (!envelopes.is(envelope))
        throw new TenonError('DATA_FOLDER_CORRUPT', `${home(digest)}/envelope.json is malformed`)
      return { bundle: openBundle(await readTree(disk, join(home(digest), 'files'))), envelope }
    },
  }
}

async function writeFlushed(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  await disk.makeFolder(dirname(path))
  await disk.write(path, bytes, 0o444)
  await disk.flush(path)
}

const foldersOf = (paths: readonly string[]): string[] => [...new Set(paths.map((path) => dirname(path)))]

/** Every regular file below a folder, sorted by path. A link or a special file is refused. */
export async function readTree(disk: Disk, root: string, below = ''): Promise<PluginFile[]> {
  const files: PluginFile[] = []
  for (const name of await disk.list(join(root, below))) {
    const path = below === '' ? name : `${below}/${name}`
    const kind = await disk.kind(join(root, path))
    if (kind === 'folder') files.push(...(await readTree(disk, root, path)))
    else if (kind === 'file') files.push({ path, bytes: (await disk.read(join(root, path))) ?? new Uint8Array() })
    else throw new TenonError('BUNDLE_CONTENT_MISMATCH', `${path} is no regular file`)
  }
  return files
}
