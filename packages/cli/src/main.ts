import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '@stricli/core'
import { monotonicFactory } from 'ulid'
import { ERRORS, TenonError, type World } from '@tenon/contract'
import { application } from './app.ts'
import type { CliContext } from './command.ts'
import type { Io } from './io.ts'
import { printError } from './printer.ts'
import { askPerson } from './question.ts'
import { readSecret } from './secret-input.ts'

/** The real clock, chance and surroundings: the only place where they are touched. */
function realWorld(): World {
  const newId = monotonicFactory()
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    timer: (ms, signal) => sleep(ms, undefined, { signal }),
    newId: () => newId(),
    random: (bytes) => randomBytes(bytes),
    env: surroundings(),
    cwd: process.cwd(),
  }
}

/** A variable of ours that is empty is one that was not set, as a shell writes it. */
function surroundings(): World['env'] {
  const set = Object.entries(process.env).filter(([name, value]) => value !== '' || !name.startsWith('TENON_'))
  // What this process starts, or loads, finds no key in its environment.
  delete process.env['TENON_MASTER_KEY']
  return Object.fromEntries(set)
}

/** Runs one command line and tells its exit status. */
export async function main(binary: string, argv: readonly string[]): Promise<number> {
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort(signal))
  // Whoever reads the output may have had enough, as `head` has.
  process.stdout.once('error', () => stopping.abort('SIGPIPE'))
  const io: Io = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isTerminal: process.stdout.isTTY === true,
    ...(process.stdin.isTTY && process.stderr.isTTY ? { ask: (question) => askPerson(question, stopping.signal) } : {}),
    streams: { stdin: 'inherit', stdout: process.stdout, stderr: process.stderr },
    signal: stopping.signal,
    secret: (words) => readSecret(process.stdin, process.stderr, { words, signal: stopping.signal }),
  }
  return runCommand(binary, argv, io, realWorld())
}

/** As `main`, in the world that is given. */
export async function runCommand(binary: string, argv: readonly string[], io: Io, world: World): Promise<number> {
  const complaints: string[] = []
  const streams = { stdout: { write: io.out }, stderr: { write: (text: string) => void complaints.push(text) } }
  const context: CliContext = { process: streams, io, world, exit: undefined }
  const words = binary === 'sm' ? ['map', ...argv] : argv
  await run(application(), words.length === 0 ? ['--help'] : words, context)
  if (context.exit !== undefined) return context.exit
  if (complaints.length === 0) return 0
  const error = new TenonError('USAGE', complaints.join('').trimEnd(), {
    hint: 'Every topic and verb says with --help what it takes.',
  })
  printError(io, error, words.includes('--json'))
  return ERRORS.USAGE.exit
}
