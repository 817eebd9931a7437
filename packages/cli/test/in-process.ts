import { Writable } from 'node:stream'
import { onTestFinished } from 'vitest'
import type { World } from '@tenon/contract'
import { wallWorld } from '@tenon/testkit'
import type { Io } from '../src/io.ts'
import { runCommand } from '../src/main.ts'

/** JSON that a test takes for what it should be, and compares. */
export type Parsed = ReturnType<typeof JSON.parse>

export type Ended = { code: number; stdout: string; stderr: string; json(): Parsed }

export type Surroundings = {
  cwd?: string
  /** Beside what is there anyway; undefined takes that away. */
  env?: Record<string, string | undefined>
  binary?: string
  isTerminal?: boolean
  /** What comes on standard input. */
  input?: string
  signal?: AbortSignal
  /** What a person at the terminal answers to every question; without it there is no person. */
  answer?: string
  /** Hears the questions. */
  asked?: string[]
  /** Another course of time than the wall's. */
  time?: Partial<Pick<World, 'now' | 'monotonic' | 'timer'>>
  /** Hears what is printed, as it is printed. */
  onOut?: (text: string) => void
}

export type Tenon = (argv: readonly string[], surroundings?: Surroundings) => Promise<Ended>

/** The command in this process, in a world whose home is the folder and whose environment is only what is given. */
export function tenonIn(home: string): Tenon {
  return async (
    argv,
    { cwd = home, env = {}, binary = 'tenon', isTerminal = false, input = '', signal, time, onOut, ...person } = {},
  ) => {
    const texts = { stdout: '', stderr: '' }
    const stream = (name: 'stdout' | 'stderr') =>
      new Writable({ write: (chunk, _, done) => ((texts[name] += String(chunk)), done()) })
    const io = {
      streams: { stdin: 'ignore' as const, stdout: stream('stdout'), stderr: stream('stderr') },
      out: (text: string) => {
        texts.stdout += text
        onOut?.(text)
      },
      err: (text: string) => void (texts.stderr += text),
      isTerminal,
      secret: async () => input,
      ...askedOf(person),
      signal: signal ?? new AbortController().signal,
    }
    const surroundings = { PATH: process.env['PATH'] ?? '', HOME: home, TENON_CHECK_RESPONSES: '1', ...env }
    const code = await runCommand(binary, argv, io, { ...wallWorld({ cwd, env: surroundings }), ...time })
    return { code, ...texts, json: () => jsonOf(texts) }
  }
}

const askedOf = ({ answer, asked = [] }: Pick<Surroundings, 'answer' | 'asked'>): Pick<Io, 'ask'> =>
  answer === undefined ? {} : { ask: async (question) => (asked.push(question), answer) }

function jsonOf({ stdout, stderr }: { stdout: string; stderr: string }): Parsed {
  if (stdout === '') throw new Error(`nothing was printed, but: ${stderr}`)
  return JSON.parse(stdout)
}

export type Served = { url: string; adminToken: string; stop(): Promise<Ended> }

/** A serving command in this process, once it is ready; it ends with the test. */
export async function serving(tenon: Tenon, argv: readonly string[], surroundings: Surroundings = {}): Promise<Served> {
  const stopping = new AbortController()
  const ready = Promise.withResolvers<string>()
  const words = [...argv, '--json', '--port', '0']
  const running = tenon(words, { ...surroundings, signal: stopping.signal, onOut: (text) => ready.resolve(text) })
  const stop = (): Promise<Ended> => {
    stopping.abort('SIGTERM')
    return running
  }
  onTestFinished(() => void stop())
  const first = await Promise.race([ready.promise, running.then(({ stderr }) => Promise.reject(new Error(stderr)))])
  const { url, adminToken = '' } = JSON.parse(first) as { url: string; adminToken?: string }
  return { url, adminToken, stop }
}
