import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Plugin } from 'rolldown'

const FILE_BESIDE = /(new Worker\()?new URL\('(\.\.?\/[^']+)', import\.meta\.url\)/g

/**
 * Takes along the files that our modules read by `new URL('./…', import.meta.url)`; one that is not there fails the build.
 * One that a thread begins with is bundled with all that it imports.
 */
export const filesBeside: Plugin = {
  name: 'files-beside',
  transform: {
    filter: { id: /\/packages\/[a-z]+\/src\/.*\.ts$/, code: FILE_BESIDE },
    handler(code, id) {
      const emitted = (path: string): string =>
        this.emitFile({ type: 'asset', name: basename(path), source: readFileSync(join(dirname(id), path)) })
      const bundled = (path: string): string =>
        this.emitFile({ type: 'chunk', name: basename(path, '.ts'), id: join(dirname(id), path) })
      const taken = code.replaceAll(FILE_BESIDE, (_, isThread: string | undefined, path: string) =>
        isThread === undefined
          ? `new URL(import.meta.ROLLUP_FILE_URL_${emitted(path)})`
          : `new Worker(new URL(import.meta.ROLLUP_FILE_URL_${bundled(path)})`,
      )
      return { code: taken }
    },
  },
}
