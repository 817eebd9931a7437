import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { asTenonError, decodeUtf8, TenonError, type World } from '@tenon/contract'

/** The text of a file that a person named on the command line. */
export async function readNamed({ cwd }: World, name: string): Promise<string> {
  return decodeUtf8(await readFile(resolve(cwd, name)).catch(unusable(name, 'read')), name)
}

/** The bytes of a file that a person named, as they are read. */
export async function openNamed({ cwd }: World, name: string): Promise<Readable> {
  return (await open(resolve(cwd, name)).catch(unusable(name, 'read'))).createReadStream()
}

/** Saves bytes in a file that a person named, for its user only, once they have all come. Says how many they are. */
export async function saveNamed({ cwd }: World, name: string, bytes: Readable): Promise<number> {
  const path = resolve(cwd, name)
  const aside = `${path}.aside`
  const fault = unusable(name, 'written')
  await rm(aside, { force: true }).catch(fault)
  const file = await open(aside, 'wx', 0o600).catch(fault)
  try {
    let size = 0
    for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
      await file.appendFile(chunk).catch(fault)
      size += chunk.length
    }
    await file.sync().catch(fault)
    await rename(aside, path).catch(fault)
    await flush(dirname(path)).catch(fault)
    return size
  } finally {
    await file.close()
    await rm(aside, { force: true })
  }
}

async function flush(folder: string): Promise<void> {
  await using handle = await open(folder)
  await handle.sync()
}

const unusable =
  (name: string, how: 'read' | 'written') =>
  (cause: unknown): never => {
    throw new TenonError('USAGE', `the file ${name} cannot be ${how}: ${asTenonError(cause).message}`, { cause })
  }
