import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { problemSchema, validatorOf } from '@tenon/contract/schema'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn } from './in-process.ts'

const problems = validatorOf(problemSchema)

test.each([
  [['plugn'], 'did you mean `plugin`?'],
  [['plugin', 'isntall'], 'did you mean `install`?'],
  [['plugin', 'pack', '--ot', 'x'], 'did you mean --out?'],
  [['admin', 'audit', '--limt', '3'], 'did you mean --limit?'],
  [['call', 'id-mint'], 'Expected argument for operation'],
  [['doctor', 'me'], 'Too many arguments'],
  [['admin', 'audit', '--limit', 'many'], 'Cannot convert many to a number'],
  [['run', 'x', '--dataset', 'd'], 'a run needs --dataset and --out'],
  [['run', 'x', '--out', 'd'], 'a run needs --dataset and --out'],
  [['resolve'], '--catalog'],
  [['admin', 'grants', 'a', '--none', '--set', 'config:read'], 'give --set or --none'],
  [['resolve', '--catalog', 'nowhere.json'], 'the file nowhere.json cannot be read: ENOENT'],
  [['resolve', '--catalog', '.'], 'the file . cannot be read: EISDIR'],
  [['call', 'a', 'b', '--input', 'nowhere.json'], 'the file nowhere.json cannot be read'],
  [['plugin', 'validate', '--dialect', 'host'], 'name the file'],
  [['plugin', 'validate', 'x', '--dialect', 'toString'], 'there is no dialect "toString"'],
  [['plugin', 'new', 'x', '--kind', 'rust'], 'there is no kind "rust"'],
  [['plugin', 'install', '--grant', 'storage:kv'], 'nobody is named to grant storage:kv to'],
  [['plugin', 'publish', 'x'], 'no registry is named'],
  [['admin', 'publisher', 'acme'], 'the registry and a token for it are needed'],
  [['admin', 'override', 'request', 'x', '--why', 'y'], 'an override needs --digest, --finding, --why and --expires'],
  [
    ['admin', 'override', 'request', 'x', '--digest', 'd', '--finding', 'F', '--why', 'y', '--expires', '7 days'],
    '"7 days" is no time',
  ],
  [['key', 'revoke', 'x'], 'say --why it is revoked'],
  [['key', 'revoke', 'x', '--why', 'y', '--registry', 'z'], 'the registry and a token for it are needed'],
  [['key', 'trust', 'x'], 'say for which --publisher the key may sign'],
  [['key', 'trust', 'nowhere.pem', '--publisher', 'acme'], 'the file nowhere.pem cannot be read'],
  [['plugin', 'revoke', 'x', '--why', 'y', '--registry', 'z'], 'name the version: x@…'],
  [['host', 'serve', '--port', '70000'], '"70000" is no port'],
  [['host', 'serve', '--port', '1.5'], '"1.5" is no port'],
  [['host', 'serve', '--environment', 'No 1'], '"No 1" is no name of an environment'],
])('%j is refused as a wrong command line', async (argv, message) => {
  const tenon = tenonIn(temporaryFolder())
  const plain = await tenon(argv)
  expect(plain).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) })
  expect(plain.stderr).toMatch(/^error USAGE: /)
  const json = await tenon([...argv, '--json'])
  const problem: unknown = JSON.parse(json.stderr)
  expect([json.code, json.stdout, problems.problems(problem)]).toEqual([2, '', []])
  expect(problem).toMatchObject({ code: 'USAGE', detail: expect.stringContaining(message) })
})

test.each([
  ['TENON_PORT', 'http', '"http" is no port'],
  ['TENON_PORT', '', '"" is no port'],
  ['TENON_LOG_LEVEL', 'loud', 'TENON_LOG_LEVEL is "loud"'],
])('%s=%j is refused, and a second start goes through', async (name, value, message) => {
  const home = temporaryFolder()
  const tenon = tenonIn(home)
  for (const words of [
    ['host', 'serve'],
    ['registry', 'serve'],
    ['up', '--once'],
  ]) {
    const refused = await tenon(words, { env: { [name]: value }, signal: AbortSignal.abort('SIGTERM') })
    expect([words, refused.code, refused.stderr]).toEqual([words, 2, expect.stringContaining(message)])
    const stopped = await tenon(['registry', 'serve', '--port', '0'], { signal: AbortSignal.abort('SIGTERM') })
    expect([words, stopped.code, stopped.stderr]).toEqual([words, 0, ''])
  }
})

test('an id that begins like a flag is a word after --', async () => {
  const { code, stderr } = await tenonIn(temporaryFolder())(['plugin', 'inspect', '--', '-x'])
  expect([code, stderr]).toEqual([5, expect.stringContaining('there is no plugin "-x"')])
})

test('what a file says does not steer the terminal, in text or in JSON', async () => {
  const home = temporaryFolder()
  const evil = 'a\u001b]0;title\u0007\u009b31m\u202e\u{e0041}.json'
  mkdirSync(join(home, evil))
  const tenon = tenonIn(home)
  const plain = await tenon(['resolve', '--catalog', evil])
  expect(plain.stderr).toContain('a\\u{1b}]0;title\\u{7}\\u{9b}31m\\u{202e}\\u{e0041}.json')
  const json = await tenon(['resolve', '--catalog', evil, '--json'])
  for (const { stderr } of [plain, json]) expect(stderr).not.toMatch(/[^\P{C}\n]/u)
  expect((JSON.parse(json.stderr) as { detail: string }).detail).toContain(evil)
})
