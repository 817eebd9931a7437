import { cpSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { repository, tenonIn } from '../harness/tenon.ts'

/** What prepares a clone, which is what runs this very test, and what a person does while the platform serves. */
const ELSEWHERE = /^(npm (start|test|ci|run \w+)( -- --once)?|git clone .*|cd .*)$/

/** What most verbs of `sm` say at their end. */
const TIMED = /^done in \S+( \d+s)?\n$/

const documents = globSync(['*.md', 'docs/**/*.md', 'packages/*/README.md'], { cwd: repository }).sort()

const commandsOf = (path: string): string[] =>
  [...readFileSync(join(repository, path), 'utf8').matchAll(/^```sh\n(.*?)^```/gms)]
    .flatMap(([, block = '']) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '')

describe.each(documents.filter((path) => commandsOf(path).some((command) => !ELSEWHERE.test(command))))(
  '%s',
  (path) => {
    test('every command does what it is shown for', async () => {
      const home = temporaryFolder()
      cpSync(join(repository, 'examples'), join(home, 'examples'), { recursive: true })
      const tenon = tenonIn(home)
      for (const command of commandsOf(path).filter((line) => !ELSEWHERE.test(line))) {
        const [npx, binary, ...args] = command.split(' ')
        expect([command, npx]).toEqual([command, 'npx'])
        const port = args[0] === 'up' ? ['--port', '0'] : []
        const { code, stderr } = await tenon([...(binary === 'sm' ? ['map'] : []), ...args, ...port])
        expect([command, code, stderr.replace(TIMED, '')]).toEqual([command, 0, ''])
      }
    }, 120_000)
  },
)

test('the documents show commands at all', () => {
  expect(documents.flatMap(commandsOf).length).toBeGreaterThan(10)
})
