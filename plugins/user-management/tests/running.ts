import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { start, type Running, type Settings } from '../src/server.ts'
import { fakeHost, type FakeHost } from './fake-host.ts'

export type Plugin = Running & {
  log: string[]
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
}
export type Reply = { status: number; headers: Headers; body: Record<string, unknown> }

export function folderFor(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'user-management-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The plugin beside a fake host, both gone when the test ends. */
export async function running(
  context: TestContext,
  more: Partial<Settings> = {},
): Promise<{ host: FakeHost; plugin: Plugin }> {
  const host = await fakeHost()
  context.after(() => host.close())
  const plugin = await startBeside(context, host, more)
  await host.asked('/plugins/register')
  return { host, plugin }
}

export async function startBeside(context: TestContext, host: FakeHost, more: Partial<Settings>): Promise<Plugin> {
  const log: string[] = []
  const plugin = await start({
    tenonUrl: host.url,
    enrolmentSecret: 'the-secret',
    database: join(folderFor(context), 'users.db'),
    address: '127.0.0.1',
    port: 0,
    heartbeatMs: 3_600_000,
    retryMs: 5,
    log: (line) => void log.push(line),
    ...more,
  })
  plugin.ended.catch(() => undefined)
  context.after(() => plugin.stop().catch(() => undefined))
  return { ...plugin, log, call: (...asked) => call(plugin.port, host.token(), ...asked) }
}

async function call(
  port: number,
  token: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Reply['body'] }
}
