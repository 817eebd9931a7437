import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { limits, TenonError } from '@tenon/contract'

/** The files of a plugin as they were read at one time, in the order of their paths, and a digest of all of them. */
export type PluginFiles = { digest: string; files: readonly PluginFile[] }
export type PluginFile = { path: string; bytes: Uint8Array }

/** Reads every regular file below a folder. Links are not followed. Throws INPUT_INVALID where there are too many or too much. */
export async function readPluginFiles(folder: string): Promise<PluginFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => !path.startsWith('.git/'))
    .toSorted()
  if (paths.length > limits.mapPluginFilesMax)
    throw new TenonError('INPUT_INVALID', `it has ${paths.length} files; ${limits.mapPluginFilesMax} are allowed`)
  const files: PluginFile[] = []
  let bytes = 0
  for (const path of paths) {
    const file = { path, bytes: await readFile(join(folder, path)) }
    bytes += file.bytes.length
    if (bytes > limits.mapPluginBytes)
      throw new TenonError('INPUT_INVALID', `its files hold more than ${limits.mapPluginBytes} bytes`)
    files.push(file)
  }
  return { digest: digestOf(files), files }
}

function digestOf(files: readonly PluginFile[]): string {
  const all = createHash('sha256')
  for (const { path, bytes } of files)
    all.update(`${JSON.stringify(path)} ${createHash('sha256').update(bytes).digest('hex')}\n`)
  return `sha256:${all.digest('hex')}`
}
