import { Readable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import { extract, pack } from 'tar-stream'
import { limits, TenonError } from '@tenon/contract'
import { pathFault } from './inner-path.ts'

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
 * differ only in case, and sizes over the limits are refused before anything is written anywhere.
 */
export async function readArchive(bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<PluginFile[]> {
  const reader = extract()
  const source = bytes instanceof Uint8Array ? Readable.from([Buffer.from(bytes)]) : Readable.from(bytes)
  const gunzip = createGunzip()
  source.on('error', (error) => gunzip.destroy(error))
  gunzip.on('error', (error) => reader.destroy(error))
  source.pipe(gunzip).pipe(reader)
  try {
    return await collect(reader)
  } catch (cause) {
    if (cause instanceof TenonError) throw cause
    throw new TenonError(
      'ARCHIVE_INVALID',
      `not a readable .tgz: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    )
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}

async function collect(reader: ReturnType<typeof extract>): Promise<PluginFile[]> {
  const files: PluginFile[] = []
  const folded = new Map<string, string>()
  let total = 0
  for await (const entry of reader) {
    const { name, type, size } = entry.header
    total += size
    const fault = entryFault(name, type ?? 'file', size, total, files.length) ?? clash(name, folded)
    if (fault !== undefined) throw new TenonError('ARCHIVE_INVALID', `${JSON.stringify(name)} ${fault}`)
    files.push({ path: name, bytes: Buffer.concat(await Array.fromAsync(entry as unknown as AsyncIterable<Buffer>)) })
  }
  return files
}

function entryFault(name: string, type: string, size: number, total: number, count: number): string | undefined {
  if (type !== 'file') return `is a ${type}: a bundle holds regular files only`
  if (size > limits.bundleFileBytes) return `is larger than ${limits.bundleFileBytes} bytes`
  if (total > limits.bundleUnpackedBytes) return `makes the bundle larger than ${limits.bundleUnpackedBytes} bytes`
  if (count >= limits.bundleFilesMax) return `is one file more than ${limits.bundleFilesMax}`
  return pathFault(name)
}

function clash(name: string, folded: Map<string, string>): string | undefined {
  const key = name.toLowerCase()
  const other = folded.get(key)
  folded.set(key, name)
  if (other === undefined) return undefined
  return other === name ? 'occurs twice' : `differs from ${JSON.stringify(other)} only in case`
}
