import { pipeline, Readable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import { extract, pack } from 'tar-stream'
import { limits, messageOf, TenonError } from '@tenon/contract'
import { treePaths } from './tree-paths.ts'

/** A file of a plugin: its path relative to the plugin's folder, with forward slashes. */
export type PluginFile = { path: string; bytes: Uint8Array }

/** The `.tgz` of the files: the same bytes for the same files, whoever packs them and where. */
export async function writeArchive(files: readonly PluginFile[]): Promise<Uint8Array> {
  const tar = pack()
  for (const { path, bytes } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    tar.entry({ name: path, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0, type: 'file' }, Buffer.from(bytes))
  tar.finalize()
  const zipped = Buffer.concat(await Array.fromAsync<Buffer>(tar.pipe(createGzip({ level: 9 }))))
  // The gzip header names the operating system; 255 is "unknown".
  zipped[9] = 255
  return zipped
}

/**
 * Reads a `.tgz` that anyone may have made. Only regular files at sound paths come out; links, duplicates, names that
 * clash on some system, and sizes over the limits are refused before anything is written anywhere.
 */
export async function readArchive(bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<PluginFile[]> {
  const source = Readable.from(bytes instanceof Uint8Array ? [bytes] : bytes)
  const entries = extract()
  const room: Room = { bytes: FRAMING_BYTES }
  // A failure on the way is thrown by the loop over the entries.
  const unpacking = pipeline(source, createGunzip(), bounded(room), entries, () => undefined)
  try {
    return await collect(entries, room)
  } catch (cause) {
    if (cause instanceof TenonError) throw cause
    throw new TenonError('ARCHIVE_INVALID', `not a readable .tgz: ${messageOf(cause)}`, { cause })
  } finally {
    source.destroy()
    unpacking.destroy()
  }
}

/** What headers and padding may take beside the files. */
const FRAMING_BYTES = limits.bundleFilesMax * 2_048

/** How much may still be unpacked: each entry makes room for what its header announces. */
type Room = { bytes: number }

/** What is packed small may unpack without end, also where no entry is. */
const bounded = (room: Room) =>
  async function* (unpacked: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of unpacked) {
      room.bytes -= chunk.length
      if (room.bytes < 0) throw new TenonError('ARCHIVE_INVALID', 'unpacks to more than its entries hold')
      yield chunk
    }
  }

async function collect(entries: ReturnType<typeof extract>, room: Room): Promise<PluginFile[]> {
  const files: PluginFile[] = []
  const judge = treePaths()
  let total = 0
  for await (const entry of entries) {
    const { name, type, size } = entry.header
    total += size
    const fault = entryFault(type, size, total, files.length) ?? judge(name)
    if (fault !== undefined) throw new TenonError('ARCHIVE_INVALID', `${JSON.stringify(name)} ${fault}`)
    room.bytes += size
    files.push({ path: name, bytes: Buffer.concat(await Array.fromAsync(entry as unknown as AsyncIterable<Buffer>)) })
  }
  return files
}

function entryFault(type: string, size: number, total: number, count: number): string | undefined {
  if (type !== 'file') return `is of type ${type}: a bundle holds regular files only`
  if (size > limits.bundleFileBytes) return `is larger than ${limits.bundleFileBytes} bytes`
  if (total > limits.bundleUnpackedBytes) return `makes the bundle larger than ${limits.bundleUnpackedBytes} bytes`
  return count >= limits.bundleFilesMax ? `is one file more than ${limits.bundleFilesMax}` : undefined
}
