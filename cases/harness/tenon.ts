import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Json } from '@tenon/contract'

export const repository = fileURLToPath(new URL('../../', import.meta.url))
const BINARY = `${repository}packages/cli/bin/tenon.mjs`

export type Surroundings = { cwd?: string; env?: Record<string, string> }
export type Ended = { code: number | null; stdout: string; stderr: string; json(): Json }

/** Nothing of the machine's own environment but what programs need to be found. */
export const cleanEnv = (home: string, env: Record<string, string> = {}): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  TENON_CHECK_RESPONSES: '1',
  ...(process.env['TENON_V8_COVERAGE'] === undefined ? {} : { NODE_V8_COVERAGE: process.env['TENON_V8_COVERAGE'] }),
  ...env,
})

/** The real binary as a new user would run it, with this folder as home. */
export function tenonIn(home: string) {
  return async (args: readonly string[], { cwd = home, env }: Surroundings = {}): Promise<Ended> => {
    const child = spawn(process.execPath, [BINARY, ...args], {
      cwd,
      env: cleanEnv(home, env),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)]
    const [code] = (await once(child, 'exit')) as [number | null]
    const texts = { stdout: await stdout, stderr: await stderr }
    return { code, ...texts, json: () => JSON.parse(texts.stdout) as Json }
  }
}

const textOf = async (stream: NodeJS.ReadableStream): Promise<string> => {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

export type Served = { url: string; adminToken: string; child: ChildProcess; stop(): Promise<void> }

/** Starts a serving command and waits for its JSON line; it ends with the test. */
export async function serve(
  home: string,
  args: readonly string[],
  { cwd = home, env }: Surroundings = {},
): Promise<Served> {
  const child = spawn(process.execPath, [BINARY, ...args, '--json', '--port', '0'], {
    cwd,
    env: cleanEnv(home, env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const errors = textOf(child.stderr)
  const ended = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
  }
  onTestFinished(stop)
  const lines = createInterface(child.stdout)
  const first = await Promise.race([once(lines, 'line'), ended])
  if (typeof first[0] !== 'string') throw new Error(`${args.join(' ')} ended with ${String(first[0])}: ${await errors}`)
  const { url, adminToken = '' } = JSON.parse(first[0]) as { url: string; adminToken?: string }
  return { url, adminToken, child, stop }
}

/** An answer as a case looks into it: by names it expects, failing where they are not. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Answered = { status: number; body: any }

/** Requests with a token; the answer with its body as JSON. */
export const asking =
  (url: string, token: string) =>
  async (method: string, path: string, body?: unknown): Promise<Answered> => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) }
  }

/** Waits for a condition, asking often. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
