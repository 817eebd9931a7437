import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn, type Ended, type Surroundings } from './in-process.ts'

/** `tenon sandbox exec` in a folder of its own, in which files can be made before. */
function bench(files: Record<string, string> = {}) {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text)
    chmodSync(join(folder, name), 0o755)
  }
  const exec = (words: readonly string[], surroundings: Surroundings = {}): Promise<Ended> =>
    tenonIn(folder)(['sandbox', 'exec', ...words], surroundings)
  return { folder, exec }
}

describe('a command in the sandbox', () => {
  test('prints and ends as it does outside', async () => {
    const { exec } = bench()
    expect(await exec(['--', 'echo', 'a  b'])).toMatchObject({ code: 0, stdout: 'a  b\n', stderr: '' })
    expect(await exec(['--', 'sh', '-c', 'echo no >&2; exit 7'])).toMatchObject({ code: 7, stdout: '', stderr: 'no\n' })
    expect(await exec(['--', 'sh', '-c', 'kill -TERM $$'])).toMatchObject({
      code: 143,
      stderr: 'tenon: crash: it ended by SIGTERM\n',
    })
  })

  test('sees nothing but what it needs to start', async () => {
    const { folder, exec } = bench({ 'secret.txt': 'secret' })
    const seen = await exec(['--', 'python3', '-c', 'import os; print(sorted(os.listdir("/")), os.listdir("/tmp"))'])
    expect(seen.stdout).not.toMatch(/etc|home|var|opt|srv/)
    expect(seen.stdout).toMatch(/ \[\]\n$/)
    expect(await exec(['--', 'cat', join(folder, 'secret.txt')])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No such file'),
    })
  })

  const SCRIPTS: [name: string, words: string[], text: string][] = [
    ['python3 with its library', ['python3', 'it.py', 'a'], 'import json, sys; print(json.dumps(sys.argv[1:]))'],
    ['perl with its library', ['perl', 'it.pl', 'a'], 'use POSIX; use JSON::PP; print encode_json(\\@ARGV), "\\n"'],
    ['node', ['node', '--no-warnings', 'it.mjs', 'a'], 'console.log(JSON.stringify(process.argv.slice(2)))'],
    ['a shell', ['sh', 'it.sh', 'a'], 'echo "[\\"$1\\"]"'],
    ['the interpreter of its first line', ['./it', 'a'], '#!/bin/sh\necho "[\\"$1\\"]"'],
    [
      'the interpreter that env finds',
      ['./it.py', 'a'],
      '#!/usr/bin/env -S python3 -B\nimport json, sys; print(json.dumps(sys.argv[1:]))',
    ],
  ]

  test.each(SCRIPTS)('may be a script of %s', async (_, words, text) => {
    const name = words.find((word) => word.includes('it')) ?? ''
    const { exec } = bench({ [name]: text })
    expect(await exec(['--', ...words])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\["a"\]\n$/) })
  })

  test('may be a program below /tmp, of which only itself is shown', async () => {
    const { folder, exec } = bench()
    copyFileSync('/bin/echo', join(folder, 'mine'))
    chmodSync(join(folder, 'mine'), 0o755)
    writeFileSync(join(folder, 'beside'), 'beside')
    expect(await exec(['--', './mine', 'hello'])).toMatchObject({ code: 0, stdout: 'hello\n' })
    expect((await exec(['--explain', '--json', '--', './mine'])).json().shown).not.toContainEqual(
      expect.objectContaining({ path: join(folder, 'beside') }),
    )
  })

  test('is shown only the first operand of an interpreter', async () => {
    const { folder, exec } = bench({ 'it.sh': 'cat "$1"', 'data.txt': 'data' })
    const ended = await exec(['--', 'sh', 'it.sh', join(folder, 'data.txt')])
    expect([ended.code, ended.stdout]).toEqual([127, ''])
    const code = 'import os,sys; print(os.path.exists(sys.argv[1]))'
    expect((await exec(['--', 'python3', '-c', code, join(folder, 'data.txt')])).stdout).toBe('False\n')
  })

  test.each([
    ['nothing that is there', ['no-such-program']],
    ['a folder', ['/tmp']],
    ['a file that is neither a script nor a program', ['./text']],
    ['a script of an interpreter that is not there', ['./strange']],
  ])('that is %s ends with 125', async (_, words) => {
    const { exec } = bench({ text: 'just text', strange: '#!/no/such/interpreter\n' })
    expect(await exec(['--', ...words])).toMatchObject({
      code: 125,
      stdout: '',
      stderr: expect.stringContaining('error COMMAND_UNKNOWN: '),
    })
  })
})

describe('what is granted', () => {
  test('is seen at its own path, to be read or written', async () => {
    const { folder, exec } = bench()
    mkdirSync(join(folder, 'data'), { mode: 0o700 })
    writeFileSync(join(folder, 'data/a.txt'), 'a')
    const append = ['--', 'sh', '-c', `echo b >> ${folder}/data/a.txt`]
    expect((await exec(['--grant', `fs:read:${folder}/data/**`, ...append])).code).toBe(2)
    expect((await exec(['--grant', `fs:write:${folder}/data/**`, ...append])).code).toBe(0)
    expect(readFileSync(join(folder, 'data/a.txt'), 'utf8')).toBe('ab\n')
  })

  test('of the environment is there, and nothing else of it', async () => {
    const { exec } = bench()
    const env = { GIVEN: 'yes', KEPT: 'no' }
    const ended = await exec(['--grant', 'env:read:GIVEN', '--', 'sh', '-c', 'echo "$GIVEN$KEPT"'], { env })
    expect(ended.stdout).toBe('yes\n')
  })

  test('a workspace keeps its own files', async () => {
    const { folder, exec } = bench({ 'tenon.json': '{}' })
    const words = ['--', 'sh', '-c', 'echo x > /workspace/tenon.json || echo y > /workspace/free']
    const ended = await exec(['--grant', 'fs:write:${workspace}/**', ...words])
    expect(ended.stderr).toContain('Read-only file system')
    expect([readFileSync(join(folder, 'tenon.json'), 'utf8'), readFileSync(join(folder, 'free'), 'utf8')]).toEqual([
      '{}',
      'y\n',
    ])
  })

  test('what cannot be is told, all at once, before anything runs', async () => {
    const { folder, exec } = bench()
    const many = await exec(['--grant', 'storage:kv', '--grant', 'fs:eat', '--grant', 'service:call:a/b', '--', 'true'])
    expect([many.code, many.stderr]).toEqual([
      2,
      expect.stringMatching(/storage:kv.*only a host can[\s\S]*fs:eat.*no action[\s\S]*service:call:a\/b/),
    ])
    const nothing = await exec(['--grant', `fs:read:${folder}/none`, '--', 'true'])
    expect([nothing.code, nothing.stderr]).toEqual([125, expect.stringContaining(`${folder}/none is nothing that can`)])
  })
})

describe('bounds', () => {
  test.each([
    ['oom', ['--memory-mb', '64', '--', 'python3', '-c', 'bytearray(300 << 20)']],
    ['time', ['--wall-ms', '300', '--', 'perl', '-e', 'sleep 60']],
    ['pids', ['--processes', '2', '--', 'perl', '-e', 'for (1..200) { fork // last } sleep 60']],
    [
      'disk',
      ['--disk-mb', '2', '--', 'perl', '-e', 'open F, ">", "/tmp/f"; print F "x" x 9e6 or die $!; close F or die $!'],
    ],
  ])('end it as %s, and say so', async (reason, words) => {
    const { exec } = bench()
    const ended = await exec(words)
    expect([ended.code > 0, ended.stderr]).toEqual([true, expect.stringContaining(`tenon: ${reason}: `)])
  })

  test('hold it back without an end where they are of processors, and say so', async () => {
    const { exec } = bench()
    const ended = await exec(['--cpu', '0.1', '--', 'perl', '-e', 'my $until = time + 4; while (time < $until) {}'])
    expect([ended.code, ended.stderr]).toEqual([
      0,
      expect.stringContaining('tenon: throttled: it used its share of 0.1 processors up\n'),
    ])
  })

  test.each([
    [['--memory-mb', '1'], 'memoryMb is from 64 to 8192, not 1'],
    [['--cpu', '0', '--disk-mb', '0'], 'cpu is from 0.1 to 8, not 0; diskMb is from 1 to 1048576, not 0'],
    [['--isolation', 'Q'], '"Q" is no isolation level'],
  ])('%s is refused', async (words, message) => {
    const { exec } = bench()
    expect(await exec([...words, '--', 'true'])).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
    expect((await exec([])).stderr).toContain('name a command after --')
  })

  test('a weaker level is taken only when it is named, and what it lacks is told', async () => {
    const { exec } = bench()
    expect((await exec(['--isolation', 'B', '--', 'true'])).stderr).toMatch(/^tenon: degraded: memory is bounded/)
    expect(await exec(['--isolation', 'G', '--', 'true'])).toMatchObject({ code: 125, stdout: '' })
  })

  test('what was granted of the outside is reached through the guard, and what was not is refused', async () => {
    const { exec } = bench()
    const program = `import urllib.error, urllib.request
for url in ['http://nowhere.invalid/', 'http://other.invalid/']:
    try: urllib.request.urlopen(url, timeout=5)
    except urllib.error.HTTPError as error: print(error.code, error.read().decode())`
    const ended = await exec(['--grant', 'net:connect:nowhere.invalid:80', '--', 'python3', '-c', program])
    expect(ended.stdout).toMatch(
      /^502 .*\n+403 outside request to "other.invalid" refused: no capability allows port 80/,
    )
    const bare = await exec(['--isolation', 'C', '--grant', 'net:connect:nowhere.invalid', '--', 'true'])
    expect(bare).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('on level C a command can open no socket'),
    })
  })

  test('what is stopped ends', async () => {
    const { exec } = bench()
    const signal = AbortSignal.timeout(500)
    expect((await exec(['--', 'perl', '-e', 'sleep 60'], { signal })).stderr).toContain('it was cancelled')
  })
})

test('an explanation shows all that would be seen and used, and runs nothing', async () => {
  const { folder, exec } = bench({ 'it.sh': 'echo ran' })
  mkdirSync(join(folder, 'data'))
  const words = ['--grant', `fs:write:${folder}/data/**`, '--grant', 'env:read:GIVEN', '--explain', '--', 'sh', 'it.sh']
  const { code, stdout } = await exec(words, { env: { GIVEN: 'yes' } })
  expect(code).toBe(0)
  expect(stdout).not.toContain('\nran')
  for (const line of ['level A', `runs .*/sh ${folder}/it.sh`, 'memoryMb 256', 'GIVEN=yes', `${folder}/data +write`])
    expect(stdout).toMatch(new RegExp(`^${line}`, 'm'))
  const json = (await exec([...words.slice(0, 5), '--json', ...words.slice(5)], { env: { GIVEN: 'yes' } })).json()
  expect(json).toMatchObject({ level: 'A', env: { HOME: '/tmp', GIVEN: 'yes' }, limits: { memoryMb: 256, diskMb: 64 } })
  expect(json.limits).not.toHaveProperty('cpuMs')
})

test('an explanation shows what a workspace keeps to itself, and makes nothing there', async () => {
  const { folder, exec } = bench({ 'tenon.json': '{}' })
  const { stdout } = await exec(['--grant', 'fs:write:${workspace}/**', '--explain', '--', 'true'])
  expect(stdout).toMatch(/^\/workspace +write +/m)
  expect(stdout).toMatch(/^\/workspace\/tenon\.json +read +/m)
  expect(stdout).toMatch(/^\/workspace\/\.git +read +/m)
  expect(stdout).toMatch(/^\/workspace\/\.tenon +nothing +/m)
  expect(readdirSync(folder)).toEqual(['tenon.json'])
  const own = await exec(['--grant', 'fs:read:${workspace}/tenon.json', '--explain', '--', 'true'])
  expect(own.stdout).toMatch(/^\/workspace\/tenon\.json +read +/m)
})

test('its report goes to standard error, for what it prints is the command’s', async () => {
  const { exec } = bench()
  const { stdout, stderr } = await exec(['--json', '--', 'echo', 'mine'])
  expect([stdout, JSON.parse(stderr)]).toEqual(['mine\n', expect.objectContaining({ completed: true, level: 'A' })])
})
