import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { repository, tenonIn } from '../harness/tenon.ts'

/** What prepares a clone, which is what runs this very test, and what a person does while the platform serves. */
const ELSEWHERE = /^(npm (start|test|ci|run \w+)( -- --once)?|git clone .*|cd .*)$/

/** What most verbs of `sm` say at their end. */
const TIMED = /^done in \S+( \d+s)?\n$/

/** Whoever works in a repository has told git who it is. */
const GIT = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
}

const documents = globSync(['*.md', 'docs/**/*.md', 'packages/*/README.md'], { cwd: repository }).sort()

/** A command that is shown, or a file that the reader is asked to write: its path stands behind the language. */
type Step = { command: string } | { path: string; text: string }

const stepsOf = (document: string): Step[] =>
  [...readFileSync(join(repository, document), 'utf8').matchAll(/^```(sh|\w+ \S+\/\S+)\n(.*?)^```/gms)].flatMap(
    ([, info = '', text = '']): Step[] =>
      info === 'sh' ? commandsIn(text).map((command) => ({ command })) : [{ path: info.split(' ')[1] ?? '', text }],
  )

const commandsIn = (block: string): string[] =>
  block
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '')

const commandsOf = (document: string): string[] =>
  stepsOf(document).flatMap((step) => ('command' in step ? [step.command] : []))

describe.each(documents.filter((path) => commandsOf(path).some((command) => !ELSEWHERE.test(command))))(
  '%s',
  (path) => {
    test('every command does what it is shown for', async () => {
      const home = temporaryFolder()
      cpSync(join(repository, 'examples'), join(home, 'examples'), { recursive: true })
      const tenon = tenonIn(home)
      for (const step of stepsOf(path)) {
        if ('text' in step) write(join(home, step.path), step.text)
        if ('text' in step || ELSEWHERE.test(step.command)) continue
        const { command } = step
        const [program, binary, ...args] = command.split(' ')
        if (program === 'git')
          execFileSync('git', [String(binary), ...args], { cwd: home, env: { ...GIT, HOME: home } })
        if (program === 'git') continue
        expect([command, program]).toEqual([command, 'npx'])
        const port = args[0] === 'up' ? ['--port', '0'] : []
        const words = [...(binary === 'sm' ? ['map'] : []), ...args, ...port]
        const { code, stdout, stderr } = await tenon(words, { env: GIT })
        expect([command, code, stderr.replace(TIMED, '')], stdout).toEqual([command, 0, ''])
      }
    })
  },
)

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

test('the documents show commands at all', () => {
  expect(documents.flatMap(commandsOf).length).toBeGreaterThan(10)
})
