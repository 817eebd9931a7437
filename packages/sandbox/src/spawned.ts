import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { asTenonError, assert, TenonError } from '@tenon/contract'
import { hasCode } from './expected-fault.ts'

/** The plugin's end of its channel. */
export const CHANNEL = 3

/** What a descriptor of a new process is tied to. */
export type Tied = 'inherit' | 'ignore' | 'pipe'

/** The same for its first descriptors: standard input as told, all others pipes of ours. */
export const pipesAfter = (stdin: Tied, count: number): Tied[] => [
  stdin,
  ...Array.from({ length: count - 1 }, (): Tied => 'pipe'),
]

/** Starts a program of the host with nothing but what is named here. Node throws some refusals of the system and emits others. */
export async function spawned(
  program: string,
  argv: readonly string[],
  stdio: readonly Tied[],
  place: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<ChildProcess> {
  try {
    const child = spawn(program, argv, { cwd: '/', env: {}, ...place, detached: true, stdio: [...stdio] })
    if (child.pid === undefined) throw (await once(child, 'error'))[0]
    for (const stream of child.stdio) stream?.on('error', expectReset)
    return child
  } catch (cause) {
    throw new TenonError('PLUGIN_START_FAILED', `${program} cannot be started: ${asTenonError(cause).message}`, {
      cause,
    })
  }
}

/** A process that ends resets what it was to read; its exit status and log say why it ended. */
function expectReset(thrown: Error): void {
  if (!hasCode(thrown, ['EPIPE', 'ECONNRESET'])) throw thrown
}

/** Beyond standard error, a 'pipe' of a child is a socket pair. */
export const streamOf = (child: ChildProcess, descriptor: number): Duplex =>
  (child.stdio as readonly unknown[])[descriptor] as Duplex

export const feed = (stream: Duplex, bytes: Uint8Array): void => void stream.resume().end(bytes)

/** A list as the launchers and bubblewrap read it from a descriptor, which keeps it out of their command lines. */
export function separated(words: readonly string[]): Uint8Array {
  assert(!words.some((word) => word.includes('\0')), 'no word holds a NUL, which separates them')
  return Buffer.from([...words, ''].join('\0'))
}
