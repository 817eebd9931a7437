import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { cleanEnv, repository } from '../../../cases/harness/tenon.ts'
import { mapProject, pluginFiles } from './map-project.ts'

/** Runs a command at a terminal of its own, types an answer once the question is seen, and prints all that was to be seen. */
const TERMINAL = `import os, pty, sys
question, answer, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0: os.execvp(command[0], command)
seen = b''
try:
    while part := os.read(terminal, 1024):
        asked, seen = question.encode() in seen, seen + part
        if not asked and question.encode() in seen: os.write(terminal, answer.encode())
except OSError: pass
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`

type Person = { question: string; answer: string }

function atTerminal({ home, cwd }: { home: string; cwd: string }, { question, answer }: Person, ...argv: string[]) {
  const sm = join(repository, 'packages/cli/bin/sm.mjs')
  const { status, stdout } = spawnSync(
    'python3',
    ['-c', TERMINAL, question, answer, process.execPath, sm, ...argv, '--quiet'],
    { cwd, env: cleanEnv(home), encoding: 'utf8' },
  )
  return { code: status, seen: stdout.replaceAll('\r', '') }
}

/** A project with a sidecar whose file is gone. */
function orphaned() {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'gone.sm'), 'x')
  return { home: cwd, cwd, isThere: () => existsSync(join(cwd, 'gone.sm')) }
}

const QUESTION = 'Delete these 1 sidecars? [y/N] '

test.each([
  ['y\n', 'gone.sm\n1 deleted\n', false],
  ['n\n', 'gone.sm\n0 deleted\n', true],
  // The end of the input.
  ['\u0004', 'gone.sm\n0 deleted\n', true],
])('the person at the terminal is asked, and %j is an answer', (answer, told, isThere) => {
  const project = orphaned()
  const { code, seen } = atTerminal(project, { question: QUESTION, answer }, 'sidecar', 'prune')
  expect([code, seen]).toEqual([0, expect.stringContaining(`  gone.sm\n${QUESTION}`)])
  expect([seen.endsWith(told), project.isThere()]).toEqual([true, isThere])
})

test('a person who gives up in the place of an answer ends the command, and nothing is changed', () => {
  const project = orphaned()
  const { code, seen } = atTerminal(project, { question: QUESTION, answer: '\u0003' }, 'sidecar', 'prune')
  expect([code, seen, project.isThere()]).toEqual([130, expect.stringContaining('stopped by SIGINT'), true])
})

test('a secret is typed at the terminal, which shows nothing of it', async () => {
  const settings = { token: { type: 'secret', label: 'Token' } }
  const project = mapProject(pluginFiles('probe', { manifest: { settings } }))
  const typed = { question: 'Token: ', answer: 'hunter2\n' }
  const { code, seen } = atTerminal(project, typed, 'plugins', 'config', 'probe', 'token', '-')
  expect([code, seen]).toEqual([0, expect.stringMatching(/^Token: \n+token = "\(secret\)" in /)])
  const shown = await project.sm('plugins', 'config', 'probe', '--json')
  expect(shown.json().settings.token).toMatchObject({ source: 'project-local', value: '(secret)' })
})
