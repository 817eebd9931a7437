import { open, readFile, realpath, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { TenonError, type World } from '@tenon/contract'
import { ABSENT, unlessFault } from './expected-fault.ts'
import type { GuestFile } from './profile.ts'
import type { At } from './layout.ts'
import type { Mount } from './mount.ts'
import { inPath, isExecutable } from './programs.ts'
import { perlLibrary, pythonInPlace, libraries, type Runtime, type Shown } from './runtime.ts'

/** A command of the host as the sandbox runs it: what it needs to start, each at its own path, and nothing else. */
export type HostCommand = {
  runtime: Runtime
  argv: (at: At) => readonly string[]
  /** Its script, handed in as bytes. */
  files: readonly GuestFile[]
  /** What lies below a folder of the sandbox's own, and so has to be laid over it. */
  ownMounts: readonly Mount[]
}

/** Finds what a command line needs. Throws COMMAND_UNKNOWN when there is no such program, or it is none that can be run. */
export async function hostCommand(world: World, words: readonly string[]): Promise<HostCommand> {
  const { program, operands } = await interpreted(world, words)
  const { command, shown, hidden } = await runtimeOf(world, program)
  const script = await scriptAmong(world, program, operands)
  const isCovered = ({ target }: Shown): boolean => target.startsWith('/tmp/')
  return {
    runtime: { command, hidden, shown: shown.filter((one) => !isCovered(one)) },
    argv: (at) => operands.map((word) => (word === script?.word ? at(script.file.target) : word)),
    files: script === undefined ? [] : [script.file],
    ownMounts: shown.filter(isCovered).map((one) => ({ ...one, readOnly: true })),
  }
}

type Interpreted = { program: string; operands: readonly string[] }

const LINES_OF_INTERPRETERS = 4

/** A script that names its interpreter in its first line is that interpreter with the script as its first operand. */
async function interpreted(
  world: World,
  words: readonly string[],
  depth = LINES_OF_INTERPRETERS,
): Promise<Interpreted> {
  const [name = '', ...operands] = words
  const program = await programNamed(world, name)
  // The host's python3 may be a script that chooses one; it is asked for its choice instead.
  const isFinal = depth === 0 || program === (await inPath(world, 'python3'))
  const line = isFinal ? undefined : interpreterLine(await beginning(program))
  if (line === undefined) return { program, operands }
  const [interpreter = '', ...own] = line
  const found = basename(interpreter) === 'env' ? own.filter((word) => word !== '-S') : [interpreter, ...own]
  return interpreted(world, [...found, program, ...operands], depth - 1)
}

const interpreterLine = (first: string): string[] | undefined => /^#! *(.+)/.exec(first)?.[1]?.trim().split(/\s+/)

async function programNamed(world: World, name: string): Promise<string> {
  const path = name.includes('/') ? resolve(world.cwd, name) : await inPath(world, name)
  const facts = path === undefined ? undefined : await unlessFault(stat(path), ABSENT, undefined)
  if (path !== undefined && facts?.isFile() === true && (await isExecutable(path))) return path
  throw new TenonError('COMMAND_UNKNOWN', `${JSON.stringify(name)} is no program`, {
    hint: 'Give its path, or the name of a program in PATH.',
  })
}

async function beginning(path: string): Promise<string> {
  await using file = await open(path)
  const { bytesRead, buffer } = await file.read(Buffer.alloc(256), 0, 256, 0)
  return buffer.toString('latin1', 0, bytesRead).split('\n')[0] ?? ''
}

/** Only the interpreters of the host's own PATH are asked where their libraries are: whatever else is run is not trusted. */
async function runtimeOf(world: World, program: string): Promise<Runtime> {
  if (program === (await inPath(world, 'python3'))) return pythonInPlace(world)
  const own = { source: await realpath(program), target: program }
  const linked = (await loadsLibraries(program)) ? await libraries(world, [program]) : []
  const modules = program === (await inPath(world, 'perl')) ? await perlLibrary(program) : []
  return { command: program, shown: [own, ...linked, ...modules], hidden: [] }
}

const PROGRAM_HEADERS = { place: 32, size: 54, count: 56 }
const INTERPRETER_HEADER = 3

/** Whether a program names a loader, as all do but those that are linked statically. */
async function loadsLibraries(program: string): Promise<boolean> {
  await using file = await open(program)
  const header = (await file.read(Buffer.alloc(64), 0, 64, 0)).buffer
  if (header.toString('latin1', 0, 5) !== '\x7fELF\x02')
    throw new TenonError('COMMAND_UNKNOWN', `${program} is neither a script nor a program of this machine`)
  const size = header.readUInt16LE(PROGRAM_HEADERS.size) * header.readUInt16LE(PROGRAM_HEADERS.count)
  const at = Number(header.readBigUInt64LE(PROGRAM_HEADERS.place))
  const table = (await file.read(Buffer.alloc(size), 0, size, at)).buffer
  for (let entry = 0; entry + 4 <= size; entry += header.readUInt16LE(PROGRAM_HEADERS.size))
    if (table.readUInt32LE(entry) === INTERPRETER_HEADER) return true
  return false
}

const INTERPRETERS = /^(node|python3?(\.\d+)?|perl|ruby|sh|bash|dash)$/
/** After these the program is on the command line, and operands are its own. */
const INLINE = /^(-[cem]|-pe|-p|--eval|--print)$/

type Script = { word: string; file: GuestFile }

/** An interpreter's first operand, if it is a file. */
async function scriptAmong(world: World, program: string, operands: readonly string[]): Promise<Script | undefined> {
  if (!INTERPRETERS.test(basename(program))) return undefined
  const first = operands.find((word) => INLINE.test(word) || !word.startsWith('-'))
  if (first === undefined || INLINE.test(first)) return undefined
  const target = resolve(world.cwd, first)
  const bytes = await unlessFault(readFile(target), [...ABSENT, 'EISDIR'], undefined)
  return bytes && { word: first, file: { target, bytes } }
}
