import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { TenonError, type World } from '@tenon/contract'
import type { Cli } from '../command.ts'

/** Programs that are not ours, and what brings them. */
const PROGRAMS = {
  sqlite3: 'Install SQLite’s shell: the package "sqlite3" of Debian and Ubuntu, "sqlite" of Homebrew and Fedora.',
  sqlitebrowser: 'Install DB Browser for SQLite: the package "sqlitebrowser", or https://sqlitebrowser.org.',
} as const
type Program = keyof typeof PROGRAMS

/** Runs a program on the standard streams of the command until it ends, and tells its status. */
export async function runProgram({ io, world }: Cli, program: Program, argv: readonly string[]): Promise<number> {
  const { stdin, stdout, stderr } = io.streams
  // A program that is to ask and answer must see the terminal itself.
  const stdio = [
    stdin,
    stdout === process.stdout ? 'inherit' : 'pipe',
    stderr === process.stderr ? 'inherit' : 'pipe',
  ] as const
  const child = spawn(program, argv, { env: { ...world.env }, cwd: world.cwd, stdio: [...stdio] })
  child.stdout?.pipe(stdout, { end: false })
  child.stderr?.pipe(stderr, { end: false })
  return found(program, async () => {
    const [code] = (await once(child, 'close')) as [number | null]
    return code ?? 2
  })
}

/** Starts a program that goes on when the command has ended. */
export async function leaveProgram(world: World, program: Program, argv: readonly string[]): Promise<void> {
  const child = spawn(program, argv, { env: { ...world.env }, cwd: world.cwd, stdio: 'ignore', detached: true })
  await found(program, () => once(child, 'spawn'))
  child.unref()
}

/** Throws COMMAND_UNKNOWN, with what to install, where there is no such program. */
async function found<T>(program: Program, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new TenonError('COMMAND_UNKNOWN', `there is no program ${program}`, { hint: PROGRAMS[program], cause })
  }
}
