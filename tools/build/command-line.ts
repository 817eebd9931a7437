import assert from 'node:assert/strict'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from './bundle.ts'
import { carry, carryCode } from './carried.ts'
import { freshDist, readPackage, writePublished } from './package-file.ts'

/** What cannot be part of a bundle: the sdk, whose files are handed to plugins as they are, and a native bundler. */
const SDK = '@tenon/sdk'
const BUNDLER = 'rolldown'

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
  carryCode(dist, SDK, join(root, 'packages/sandbox'))
  carry(dist, BUNDLER, join(root, 'packages/authoring'))
  writePublished(root, folder, {
    exports: { './package.json': './package.json' },
    bin: readPackage(folder).bin ?? {},
    carried: [SDK, BUNDLER],
  })
  return dist
}
