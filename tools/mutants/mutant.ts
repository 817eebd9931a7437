import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** A patch that takes one check away, and the tests of which one must then fail. */
export type Mutant = { name: string; path: string; why: string; tests: string[] }

/** Reads every patch beside this file. Before its difference, a patch says what is lost and who must notice. */
export function readMutants(): Mutant[] {
  const paths = globSync('*.patch', { cwd: import.meta.dirname }).sort()
  return paths.map((file) => {
    const path = join(import.meta.dirname, file)
    const [header = ''] = readFileSync(path, 'utf8').split('\n--- ')
    const [, why = '', red = ''] = /^(.+)\nRed: (.+)$/.exec(header) ?? []
    return { name: file.replace(/\.patch$/, ''), path, why, tests: red.split(' ').filter((test) => test !== '') }
  })
}
