import { globSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Type from 'typebox'
import type { PluginFile } from '@tenon/bundle'
import { readJson, type Problem } from '@tenon/contract'
import { closed, validatorOf } from '@tenon/contract/schema'
import { judged, type TestOutcome } from './gate.ts'
import { installedPackage, nativePart } from './installed-packages.ts'
import type { Candidate } from './scene.ts'
import { brokenOff, fileBelow, runTool, sourcesOf, toolRoom } from './source-tool.ts'
import type { Ground } from './ground.ts'

const reports = validatorOf(
  Type.Object({
    diagnostics: Type.Array(
      Type.Object({
        message: Type.String(),
        code: Type.Optional(Type.String()),
        help: Type.Optional(Type.String()),
        filename: Type.Optional(Type.String()),
        labels: Type.Array(Type.Object({ span: Type.Object({ line: Type.Integer() }) })),
      }),
    ),
  }),
)
const lineOfPython = validatorOf(closed({ path: Type.String(), line: Type.Integer(), message: Type.String() }))

/** Looks for what is wrong, or next to certainly a mistake, in all code of a plugin, in the sandbox. */
export async function checkLint(candidate: Candidate, ground: Ground): Promise<TestOutcome> {
  await using room = await toolRoom()
  const [scripts, python] = [sourcesOf(candidate, /\.[cm]?[jt]s$/), sourcesOf(candidate, /\.py$/)]
  const found = [
    ...(scripts.length === 0 ? [] : await lintScripts(candidate, ground, room.path)),
    ...(python.length === 0 ? [] : await lintPython(candidate, ground, room.path, python)),
  ]
  const checked = scripts.length + python.length
  return judged(checked, found, checked === 0 ? ['it has no code'] : [])
}

/** What a plugin says of how it wants to be looked at, beside a comment in the code, does not count. */
async function lintScripts(candidate: Candidate, ground: Ground, room: string): Promise<Problem[]> {
  const { folder: linter } = await installedPackage('oxlint')
  const native = await nativePart(linter)
  const settings = join(room, 'lint.json')
  await writeFile(settings, JSON.stringify({ categories: { correctness: 'error' } }))
  const flags = ['--config', settings, '--no-ignore', '--format', 'json']
  const { root } = candidate.folder
  const loads = globSync('*.node', { cwd: native }).map((name) => join(native, name))
  const program = { argv: ['node', join(linter, 'bin/oxlint'), ...flags, root] as const, loads }
  const { job, printed } = await runTool(candidate, ground, { program, sees: [room, linter, native] })
  const { value } = readJson(printed)
  if (!reports.is(value)) return [brokenOff('LINT_FAILED', job, printed)]
  return value.diagnostics.map(({ message, code = 'syntax', help, filename = 'src', labels }) => ({
    ...fault(fileBelow(root, filename), labels[0]?.span.line ?? 0, `${message.replaceAll(`${root}/`, '')} (${code})`),
    ...(help === undefined ? {} : { hint: help }),
  }))
}

/** Python's own compiler, with its warnings. Nothing is run. */
async function lintPython(
  candidate: Candidate,
  ground: Ground,
  room: string,
  sources: readonly PluginFile[],
): Promise<Problem[]> {
  const { root } = candidate.folder
  const script = join(room, 'lint.py')
  await copyFile(new URL('./lint.py', import.meta.url), script)
  const program = { argv: ['python3', script, ...sources.map(({ path }) => join(root, path))] } as const
  const { job, printed } = await runTool(candidate, ground, { program, sees: [room] })
  if (!job.completed) return [brokenOff('LINT_FAILED', job, printed)]
  return printed.split('\n').flatMap((line) => {
    const { value } = readJson(line)
    return lineOfPython.is(value) ? [fault(fileBelow(root, value.path), value.line, value.message)] : []
  })
}

const fault = (file: string, line: number, message: string): Problem => ({
  ...{ pointer: '', code: 'LINT_FAILED', file, message },
  ...(line > 0 ? { line } : {}),
})
