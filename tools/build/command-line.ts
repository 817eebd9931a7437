import assert from 'node:assert/strict'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from './bundle.ts'
import { carry } from './carried.ts'
import { freshDist, readPackage, writePublished } from './package-file.ts'

/** What cannot be part of a bundle: the sdk, whose files are handed to plugins as they are, and what is native. */
const SDK = '@tenon/sdk'
const BUNDLER = 'rolldown'
/** What a plugin's sources are checked with, which nothing imports. */
const CHECKERS = ['typescript', 'oxlint', '@types/node']

/** Writes the `tenon` and `sm` commands: one bundle in a few files, the files that it reads, the console, and a suite of cases. */
export async function buildCommandLine(root: string, name: string): Promise<string> {
  const folder = join(root, 'packages', name)
  const console = join(root, 'packages/console/dist')
  assert(existsSync(console), `the console is not built: there is no ${console}`)
  const dist = freshDist(folder)
  const entries = { main: join(folder, 'src/main.ts') }
  await bundle({ root, dist, entries, extension: 'mjs', external: [SDK, BUNDLER] })
  cpSync(console, join(dist, 'console'), { recursive: true, filter: (path) => !path.endsWith('/.sources') })
  cpSync(join(root, 'packages/map/conformance'), join(dist, 'conformance'), { recursive: true })
  cpSync(join(folder, 'bin'), join(dist, 'bin'), { recursive: true })
  for (const one of [SDK, BUNDLER, ...CHECKERS]) carry(dist, one, join(root, 'packages/authoring'))
  writePublished(root, folder, {
    exports: { './package.json': './package.json' },
    bin: readPackage(folder).bin ?? {},
    carried: [SDK, BUNDLER, ...CHECKERS],
  })
  return dist
}
