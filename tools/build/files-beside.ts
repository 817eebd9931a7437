import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Plugin } from 'rolldown'

const FILE_BESIDE = /new URL\('(\.\.?\/[^']+)', import\.meta\.url\)/g

/** Takes along the files that our modules read by `new URL('./…', import.meta.url)`; one that is not there fails the build. */
export const filesBeside: Plugin = {
  name: 'files-beside',
  transform: {
    filter: { id: /\/packages\/[a-z]+\/src\/.*\.ts$/, code: FILE_BESIDE },
    handler(code, id) {
      const taken = code.replaceAll(FILE_BESIDE, (_, path: string) => {
        const source = readFileSync(join(dirname(id), path))
        return `new URL(import.meta.ROLLUP_FILE_URL_${this.emitFile({ type: 'asset', name: basename(path), source })})`
      })
      return { code: taken }
    },
  },
}
