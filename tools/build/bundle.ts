import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { filesBeside } from './files-beside.ts'
import { thirdPartyLicenses } from './third-party-licenses.ts'

type Order = {
  root: string
  dist: string
  entries: Record<string, string>
  extension: 'js' | 'mjs'
  external?: string[]
}

/** Writes entries with all that they import as few files of JavaScript in `lib/`, and the licenses of what came along. */
export async function bundle({ root, dist, entries, extension, external = [] }: Order): Promise<void> {
  await using build = await rolldown({
    input: entries,
    cwd: root,
    platform: 'node',
    external: [...external, /^node:/],
    plugins: [filesBeside, thirdPartyLicenses(dist)],
  })
  await build.write({
    dir: join(dist, 'lib'),
    format: 'esm',
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `[name]-[hash].${extension}`,
    assetFileNames: '[name]-[hash][extname]',
  })
}
