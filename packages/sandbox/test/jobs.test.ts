import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { World } from '@tenon/contract'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { runJob } from '@tenon/sandbox'
import { levelNamed, pluginWith, python, quietOrder } from './sandboxed.ts'

test('a job may be a command of an interpreter', async () => {
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'main.mjs'),
    `import { testPlugin } from '@tenon/sdk/testing'
import { definePlugin } from '@tenon/sdk'
console.log(await testPlugin(definePlugin({ operations: { twice: (n) => 2 * n } })).call('twice', 21), process.argv[2])`,
  )
  writeFileSync(join(folder, 'main.py'), `import sys; print(sys.argv[1]); sys.exit(4)`)
  const run = async (argv: ['node' | 'python3', ...string[]]) =>
    runJob({
      ...quietOrder,
      level: await levelNamed('A'),
      program: { argv },
      mounts: [{ source: folder, target: '/code', readOnly: true }],
      stateDir: temporaryFolder(),
    })
  expect(await run(['node', '/code/main.mjs', 'x'])).toMatchObject({ completed: true, logTail: '42 x\n' })
  expect(await run(['python3', '/code/main.py', 'y'])).toMatchObject({
    completed: false,
    exit: { reason: 'crash', code: 4 },
    logTail: 'y\n',
  })
})

test.each([
  ['raises', `raise KeyError('k')`, { exception: 'KeyError', message: "'k'" }],
  ['exits with success', `sys.exit(0)`, { exception: 'SystemExit', message: '0' }],
])('a function that %s has not completed', async (_, body, failure) => {
  const { report } = await python('A', body)
  expect(report).toMatchObject({ completed: false, failure })
})

test('a function that leaves without answering has not completed, whatever its exit status', async () => {
  const { report } = await python('A', `os._exit(0)`)
  expect(report).toMatchObject({ completed: false, exit: { code: 0 } })
  expect(report).not.toHaveProperty('failure')
})

test('a configuration that cannot be handed over is refused before anything starts', async () => {
  await expect(python('A', '', { config: 'x'.repeat(2_000_000) })).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
})

test('a function that failed is not held up by its threads', async () => {
  const body = `import threading; threading.Thread(target=time.sleep, args=(60,)).start(); raise ValueError('no')`
  const { report } = await python('A', body)
  expect(report).toMatchObject({ completed: false, failure: { exception: 'ValueError' }, exit: { reason: 'crash' } })
})

/** The programs of the machine, with these in front. */
function withPrograms(scripts: Record<string, string>): World & { replace(name: string, script: string): void } {
  const bin = temporaryFolder()
  const replace = (name: string, script: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  for (const [name, script] of Object.entries(scripts)) replace(name, script)
  return { ...wallWorld({ env: { PATH: `${bin}:${process.env['PATH']}` } }), replace }
}

const PYTHON = `exec /usr/bin/python3 "$@"`

test('a python3 that does not say where its library is runs nothing, until it does', async () => {
  const odd = withPrograms({ python3: 'echo 7' })
  await expect(python('A', '', { world: odd })).rejects.toMatchObject({
    code: 'ISOLATION_UNAVAILABLE',
    message: expect.stringContaining('where its library is'),
  })
  odd.replace('python3', PYTHON)
  expect((await python('A', '', { world: odd })).report).toMatchObject({ completed: true })
})

test('an interpreter of which no libc is found runs nothing', async () => {
  const odd = withPrograms({ python3: PYTHON, ldd: 'exit 0' })
  await expect(python('A', '', { world: odd })).rejects.toMatchObject({
    code: 'ISOLATION_UNAVAILABLE',
    message: expect.stringContaining('libc'),
  })
})

test('a launcher that cannot be executed is a failure to start', async () => {
  const bin = temporaryFolder()
  writeFileSync(join(bin, 'perl'), '#!/nowhere\n', { mode: 0o755 })
  const odd = wallWorld({ env: { PATH: `${bin}:${process.env['PATH']}` } })
  await expect(pluginWith('A', '', { world: odd })).rejects.toMatchObject({
    code: 'PLUGIN_START_FAILED',
    message: expect.stringContaining('perl cannot be started'),
  })
})

test('a command line that the system refuses ends the run, and the log says so', async () => {
  const argv = ['node', ...Array.from({ length: 40 }, () => 'x'.repeat(100_000))] as const
  const order = { ...quietOrder, level: await levelNamed('A'), program: { argv }, stateDir: temporaryFolder() }
  expect(await runJob(order)).toMatchObject({
    completed: false,
    exit: { reason: 'crash', code: 125 },
    logTail: expect.stringMatching(/^launcher: \S*bwrap: Argument list too long\n$/),
  })
})

test('a function that returned is not held up by its threads', async () => {
  const { report } = await python('A', `import threading; threading.Thread(target=time.sleep, args=(60,)).start()`)
  expect(report).toMatchObject({ completed: true, exit: { reason: 'exit' } })
  expect(report.usage.wallMs).toBeLessThan(30_000)
})
