import { readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { parseJson, TenonError, type World } from '@tenon/contract'
import { ABSENT, unlessFault } from './expected-fault.ts'
import { findProgram } from './programs.ts'
import { outputOf } from './run-program.ts'

/** A file or folder of the host, its path resolved, and where it stands inside. */
export type Shown = { source: string; target: string }

/** An interpreter and exactly what it needs to start. */
export type Runtime = { command: string; shown: readonly Shown[]; hidden: readonly string[] }

const isMac = process.platform === 'darwin'

/** Runtimes by host path: what an interpreter links to does not change while we run. */
const known = new Map<string, Promise<Runtime>>()

/** The Node that runs this process, its libraries, nothing else. What a Mac's links to is part of its system. */
export const nodeRuntime = (world: World): Promise<Runtime> =>
  remembered(process.execPath, async (path) => {
    const node = { source: path, target: '/bin/node' }
    return { command: node.target, shown: [node, ...(isMac ? [] : await libraries(world, [path]))], hidden: [] }
  })

/** The same, with the libraries of modules of machine code that a trusted program loads. */
export async function nodeRuntimeFor(world: World, modules: readonly string[]): Promise<Runtime> {
  const node = await nodeRuntime(world)
  const linked = isMac || modules.length === 0 ? [] : await libraries(world, modules)
  const isNew = ({ target }: Shown): boolean => node.shown.every((one) => one.target !== target)
  return { ...node, shown: [...node.shown, ...linked.filter(isNew)] }
}

/** The host's python3 with its standard library; whatever was installed beside that is not shown. */
export async function pythonRuntime(world: World): Promise<Runtime> {
  return remembered(await findProgram(world, 'python3'), async (path) => {
    const facts = await pythonFacts(path)
    return pythonAt(world, facts, { command: '/python/bin/python3', library: `/python/lib/${basename(facts.library)}` })
  })
}

/** The same where it stands on the host. */
export async function pythonInPlace(world: World): Promise<Runtime> {
  const facts = await pythonFacts(await findProgram(world, 'python3'))
  return pythonAt(world, facts, { command: facts.executable, library: facts.library })
}

async function pythonAt(world: World, facts: PythonFacts, at: { command: string; library: string }): Promise<Runtime> {
  const [python, library] = [await realpath(facts.executable), await realpath(facts.library)]
  const extensions = (await readdir(facts.extensions)).filter(
    (name) => name.endsWith('.so') && !name.startsWith('_tkinter'),
  )
  const linked = await libraries(world, [python, ...extensions.map((name) => join(facts.extensions, name))])
  const installed = await readdir(library)
  return {
    command: at.command,
    shown: [{ source: python, target: at.command }, { source: library, target: at.library }, ...linked],
    hidden: installed.filter((name) => name.endsWith('-packages')).map((name) => `${at.library}/${name}`),
  }
}

async function remembered(path: string, make: (real: string) => Promise<Runtime>): Promise<Runtime> {
  const real = await realpath(path)
  const runtime = known.get(real) ?? make(real)
  known.set(real, runtime)
  runtime.catch(() => known.delete(real))
  return runtime
}

type PythonFacts = { executable: string; library: string; extensions: string }

/** Asked of the interpreter itself, because `python3` may be a script that chooses one. */
async function pythonFacts(python: string): Promise<PythonFacts> {
  const program = `import json, sys, sysconfig
print(json.dumps([sys.executable, sysconfig.get_path('stdlib'), sysconfig.get_path('platstdlib')]))`
  const answer = parseJson(await outputOf(python, ['-I', '-c', program]), python)
  const [executable, library, compiled] = Array.isArray(answer) ? answer : []
  if (typeof executable !== 'string' || typeof library !== 'string' || typeof compiled !== 'string')
    throw new TenonError('ISOLATION_UNAVAILABLE', `${python} does not say where its library is`)
  return { executable, library, extensions: join(compiled, 'lib-dynload') }
}

/**
 * What trusted files of the host link to, put where the loader looks without a cache: the folder of libc. `ldd` runs
 * the loader on the file, so it is never asked about a plugin's own files.
 */
export async function libraries(world: World, files: readonly string[]): Promise<Shown[]> {
  const listing = await outputOf(await findProgram(world, 'ldd'), files)
  const linked = [...listing.matchAll(/^\s+(?:(\S+) => )?(\/\S+) \(0x/gm)].map(([, name, path = '']) => ({
    name,
    path,
  }))
  const libc = linked.find(({ name }) => name?.startsWith('libc.') === true)
  if (libc === undefined) throw new TenonError('ISOLATION_UNAVAILABLE', `ldd finds no libc that ${files[0]} links to`)
  const shown = new Map<string, string>()
  for (const { name, path } of linked) {
    const target = name === undefined || name.startsWith('/') ? path : `${dirname(libc.path)}/${name}`
    shown.set(target, await realpath(path))
  }
  return [...shown].map(([target, source]) => ({ source, target }))
}

/** Where a perl of the host looks for modules, and the locale that it complains about when it is missing. */
export async function perlLibrary(perl: string): Promise<Shown[]> {
  const modules = await outputOf(perl, ['-e', String.raw`print join "\0", @INC`])
  const folders = [...modules.split('\0'), '/usr/lib/locale/C.utf8']
  const there = await Promise.all(folders.map((folder) => unlessFault(realpath(folder), ABSENT, undefined)))
  return folders.flatMap((target, index) => {
    const source = there[index]
    return source === undefined ? [] : [{ source, target }]
  })
}
