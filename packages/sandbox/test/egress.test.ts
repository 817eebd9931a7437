import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { runJob } from '@tenon/sandbox'
import { levelNamed, OWN_ROOT, pluginWith, seenInside, world } from './sandboxed.ts'

/** A proxy of the host that answers every plain request itself. */
async function proxy(): Promise<{ socket: string; asked: string[] }> {
  const socket = join(temporaryFolder(), 'out.sock')
  const asked: string[] = []
  const server = createServer(({ url = '' }, answer) => {
    asked.push(url)
    answer.end('from outside')
  })
  await once(server.listen(socket), 'listening')
  onTestFinished(() => void server.close())
  return { socket, asked }
}

const GET = `import urllib.request
def get(url):
    try:
        return urllib.request.urlopen(url, timeout=5).read().decode()
    except OSError as error:
        return 'failed'
`

describe.each(OWN_ROOT)('on level %s', (level) => {
  test('a function reaches the proxy of the host by the environment, and nothing else', async () => {
    const { socket, asked } = await proxy()
    const body = `${GET}
seen['outside'] = get('http://example.org/path')
seen['direct'] = attempt(lambda: socket.create_connection(('192.0.2.1', 80), 2))[0]`
    expect(await seenInside(level, body, { egress: socket })).toEqual({ outside: 'from outside', direct: 'refused' })
    expect(asked).toEqual(['http://example.org/path'])
  })

  test('a plugin finds the proxy, and another way there is not', async () => {
    const { socket, asked } = await proxy()
    const plugin = await pluginWith(
      level,
      `get: (url) => new Promise((answered, failed) => import('node:http').then(({ get }) =>
         get(url, async (answer) => answered((await answer.toArray()).join(''))).on('error', failed))),
       env: () => process.env.HTTPS_PROXY`,
      { egress: socket },
    )
    const options = { traceId: 't' }
    expect(await plugin.call('env', null, options)).toBe('http://127.0.0.1:3128')
    expect(await plugin.call('get', 'http://example.org/', options)).toBe('from outside')
    expect(asked).toEqual(['http://example.org/'])
  })
})

test.each([
  ['its status', 'import sys; sys.exit(7)', { code: 7, signal: null }],
  ['its signal', 'import os; os.kill(os.getpid(), 9)', { code: null, signal: 'SIGKILL' }],
])('a command with a way out ends with %s', async (_, program, end) => {
  const { socket } = await proxy()
  const report = await runJob({
    ...{ world, level: await levelNamed('A'), mounts: [], workspace: undefined, limits: {}, env: {}, egress: socket },
    program: { argv: ['python3', '-c', program] },
    onLog: () => {},
    onDegraded: () => {},
    onThrottled: () => {},
    stateDir: temporaryFolder(),
  })
  expect(report.exit).toMatchObject(end)
})

test('where no socket can be opened there is no way out, and nothing pretends that there is', async () => {
  const { socket, asked } = await proxy()
  const body = `${GET}
seen['outside'], seen['env'] = get('http://example.org/'), os.environ.get('HTTP_PROXY')`
  expect(await seenInside('C', body, { egress: socket })).toEqual({ outside: 'failed', env: null })
  expect(asked).toEqual([])
})
