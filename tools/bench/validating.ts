import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { derive } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import { buildPackages } from '../build/published.ts'
import { pluginName, writeRepository } from './plugin-repository.ts'
import { runNode } from './processes.ts'
import { interleaved, type Bench } from './trials.ts'

/** The program as it is installed. */
const TENON = fileURLToPath(new URL('../../packages/cli/dist/bin/tenon.mjs', import.meta.url))

/** What git knows of the files, and what they hold. */
const FLOOR = `import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
const listed = execFileSync('git', ['ls-files', '-s', '-z'], { maxBuffer: 2 ** 30, encoding: 'utf8' })
for (const entry of listed.split('\\0').slice(0, -1))
  createHash('sha256').update(readFileSync(entry.slice(entry.indexOf('\\t') + 1))).digest('hex')`

const PLUGINS = 10_000

/** A repository of 10,000 plugins with 40,000 schemas, validated by processes of their own. */
export const validating: Bench = async (folder, { trials, quick }) => {
  await buildPackages()
  await writeRepository(folder, quick ? PLUGINS / 50 : PLUGINS)
  const floor = join(folder, 'floor.mjs')
  writeFileSync(floor, FLOOR)
  const run = (...words: string[]) => runNode(words, { memory: true, cwd: folder })
  const validate = (...more: string[]) => run(TENON, 'plugin', 'validate', '.', '--json', ...more)
  const plugin = join(folder, 'plugins', pluginName(1))
  const edit = async (): Promise<void> => {
    appendFileSync(join(plugin, 'CHANGELOG.md'), 'One more line.\n')
    await derive(nodeDisk, plugin, join(folder, 'policies'))
  }
  return interleaved(
    [
      { name: 'validate, for the first time', trial: () => validate('--fresh') },
      { name: 'git ls-files, read and hash in plain Node', trial: () => run(floor) },
      { name: 'validate, again', trial: () => validate() },
      {
        name: 'validate, after a plugin was edited',
        trial: async () => {
          await edit()
          return validate()
        },
      },
      {
        name: 'validate, only the plugin that was edited',
        trial: async () => {
          await edit()
          return run(TENON, 'plugin', 'validate', plugin, '--json')
        },
      },
    ],
    trials,
  )
}
