import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { PluginFile } from '@tenon/bundle'
import type { Problem } from '@tenon/contract'
import { textOf } from '../folder/plugin-folder.ts'
import { judged, type TestOutcome } from './gate.ts'
import { foldersWithNeeds, installedPackage, nativePart } from './installed-packages.ts'
import type { Candidate } from './scene.ts'
import { brokenOff, fileBelow, runTool, sourcesOf, toolRoom, type SourceTool } from './source-tool.ts'
import type { Ground } from './ground.ts'

/** What TypeScript code of a plugin may name besides itself. */
const KNOWN = ['@tenon/sdk', '@types/node']

/** Those that Node's own reading of TypeScript allows, and no file beside the code has a say. */
const OPTIONS = {
  ...{ strict: true, noEmit: true, skipLibCheck: true, erasableSyntaxOnly: true, allowImportingTsExtensions: true },
  ...{ module: 'preserve', moduleResolution: 'bundler', target: 'esnext', lib: ['esnext'], types: ['node'] },
  ...{ allowJs: true, resolveJsonModule: true, preserveSymlinks: true },
}

/** Checks the types of all TypeScript of a plugin, its tests included, in the sandbox. */
export async function checkTypes(candidate: Candidate, ground: Ground): Promise<TestOutcome> {
  const sources = sourcesOf(candidate, /\.[cm]?ts$/)
  if (sources.length === 0) return judged(0, [], ['it has no TypeScript'])
  await using room = await toolRoom()
  const compiler = await compilerIn(room.path, candidate, sources)
  const { job, printed } = await runTool(candidate, ground, compiler)
  const found = problemsIn(printed, join(room.path, 'plugin'))
  const isUntold = !job.completed && found.length === 0 && !OF_OTHERS.test(printed)
  const problems = isUntold ? [brokenOff('TYPES_INVALID', job, printed)] : found
  return judged(sources.length, [...problems, ...sources.flatMap(unchecked)])
}

async function compilerIn(room: string, candidate: Candidate, sources: readonly PluginFile[]): Promise<SourceTool> {
  const packages = await foldersWithNeeds(KNOWN)
  for (const [name, folder] of packages) {
    await mkdir(dirname(join(room, 'node_modules', name)), { recursive: true })
    await symlink(folder, join(room, 'node_modules', name))
  }
  await symlink(candidate.folder.root, join(room, 'plugin'))
  const settings = join(room, 'tsconfig.json')
  const files = sources.map(({ path }) => join(room, 'plugin', path))
  await writeFile(settings, JSON.stringify({ compilerOptions: OPTIONS, files }))
  const compiler = await nativeCompiler()
  const words = [join(compiler, 'tsc'), '--project', settings, '--pretty', 'false']
  return { program: { words }, sees: [room, compiler, ...packages.values()] }
}

/** The compiler lies beside the declarations of the language. */
const nativeCompiler = async (): Promise<string> =>
  join(await nativePart((await installedPackage('typescript')).folder), 'lib')

/** Such as `plugin/src/a.ts(3,7): error TS2322: …`, with what explains it in the lines below, set in. */
const FAULT = /^(\S[^\n]*?)\((\d+),\d+\): error (TS\d+): ([^\n]*(?:\n +[^\n]*)*)/gm
const OF_OTHERS = new RegExp(FAULT.source, 'm')

const problemsIn = (printed: string, plugin: string): Problem[] =>
  [...printed.matchAll(FAULT)].flatMap(([, path = '', line, rule, text = '']) => {
    const file = fileBelow(plugin, path)
    const message = `${rule}: ${text.replaceAll(/\n +/g, ' ')}`
    return file === path || file.startsWith('node_modules/')
      ? []
      : [{ pointer: '', code: 'TYPES_INVALID', file, line: Number(line), message }]
  })

function unchecked(source: PluginFile): Problem[] {
  const before = /^(?:(?!\/\/\s*@ts-nocheck).*\n)*?(?=\s*\/\/\s*@ts-nocheck)/.exec(textOf(source))?.[0]
  if (before === undefined) return []
  const message = '@ts-nocheck keeps its types from being checked'
  return [{ pointer: '', code: 'TYPES_INVALID', file: source.path, line: before.split('\n').length, message }]
}
