import { fileURLToPath } from 'node:url'
import { buildCommandLine } from './command-line.ts'
import { buildLibrary } from './library.ts'
import { readPackage } from './package-file.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

export type BuiltPackage = { name: string; version: string; folder: string }

/** Writes what is published, in the order in which one package carries the other. */
export async function buildPackages(): Promise<BuiltPackage[]> {
  const folders = [
    await buildLibrary(root, 'contract'),
    await buildLibrary(root, 'sdk'),
    await buildCommandLine(root, 'cli'),
  ]
  return folders.map((folder) => {
    const { name, version } = readPackage(folder)
    return { name, version, folder }
  })
}
