import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { TenonError } from '@tenon/contract'
import { pipesAfter, separated, spawned, streamOf, type Tied } from './spawned.ts'

/** Descriptors after the channel: what the launcher and bubblewrap read, tell and close before the program starts. */
const STEPS = 4
export const ARGUMENTS = 5
export const SECCOMP = 6
export const INFO = 7
export const FIRST_FILE = 8

const LAUNCHER = fileURLToPath(new URL('./launcher.pl', import.meta.url))

/** Starts a launcher, which enters groups by their process lists and then waits to be told what it is to become. */
export async function spawnLauncher(
  perl: string,
  joins: readonly string[],
  { stdin, files }: { stdin: Tied; files: number },
): Promise<ChildProcess> {
  const child = await spawned(perl, [LAUNCHER, process.arch, String(STEPS)], pipesAfter(stdin, FIRST_FILE + files))
  streamOf(child, STEPS).write(separated(joins.flatMap((file) => ['join', file])))
  return child
}

export const isThere = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null

/** Has a launcher take steps and become a command that gets this many descriptors. Whoever follows must do so at once, to see it end. */
export function become(
  launcher: ChildProcess,
  steps: readonly string[],
  command: readonly string[],
  descriptors: number,
): void {
  if (!isThere(launcher)) throw new TenonError('PLUGIN_START_FAILED', 'what was to start it has ended before it could')
  const last = ['exec', String(descriptors), String(command.length), ...command]
  streamOf(launcher, STEPS)
    .resume()
    .end(separated([...steps, ...last]))
}
