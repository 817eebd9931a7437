import { existsSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import { TenonError, type Problem, type World } from '@tenon/contract'
import { defineCommand, switchFlag, textFlag } from '../command.ts'
import { problemLine } from '../printer.ts'
import type { Result } from '../result.ts'
import { version } from '../version.ts'
import { readNamed } from './named-file.ts'
import { pluginFolder } from './plugin-folder.ts'

type Flags = { dialect?: string; fresh: boolean; sarif: boolean }

export const pluginValidate = defineCommand<Flags, [string?]>({
  brief: 'Check a plugin, or every plugin of a repository, at every gate, or a foreign manifest by its own rules',
  example: 'plugin validate plugins/id-mint',
  flags: {
    dialect: textFlag('host, dataset or skill-map: what registration, discovery or the map would say of a file'),
    fresh: switchFlag('Look at every plugin of the repository anew, changed or not'),
    sarif: switchFlag('Print the problems as SARIF'),
  },
  args: ['folder or file?'],
  async run({ world }, { dialect, ...flags }, named) {
    if (dialect !== undefined) return validateManifest(world, dialect, named)
    const root = pluginFolder(world, named)
    const isRepository = !existsSync(join(root, 'plugin.spec.json')) && existsSync(join(root, 'plugins'))
    return isRepository ? validateAll(world, root, flags) : validateFolder(world, root, flags)
  },
})

async function validateFolder(world: World, root: string, { sarif }: Pick<Flags, 'sarif'>): Promise<Result> {
  const { policiesFor, validatePlugin } = await import('@tenon/authoring')
  const { nodeDisk } = await import('@tenon/bundle')
  const { committedAt } = await import('../compose/committed-at.ts')
  const { releasesOf } = await import('../compose/releases.ts')
  const policies = await policiesFor(nodeDisk, root)
  const { gates, problems } = await validatePlugin(
    nodeDisk,
    root,
    policies,
    await committedAt(world, root),
    await releasesOf(world, root),
  )
  const lines = gates.map(({ gate, checked, idle, problems: found }) => gateLine(gate, checked, found.length, idle))
  if (sarif) return sarifResult(problems, relative(world.cwd, root))
  return resultOf({ root, gates, problems }, lines)
}

async function validateAll(world: World, root: string, { sarif, fresh }: Omit<Flags, 'dialect'>): Promise<Result> {
  const { validateRepository } = await import('@tenon/authoring')
  const { nodeDisk } = await import('@tenon/bundle')
  const { committedAt } = await import('../compose/committed-at.ts')
  const { repositoryOf } = await import('../compose/releases.ts')
  const moment = { at: await committedAt(world, root), now: world.now() }
  const git = { repository: await repositoryOf(world, root), env: world.env }
  const { plugins, judged, checked, problems } = await validateRepository(nodeDisk, root, { ...moment, ...git, fresh })
  if (sarif) return sarifResult(problems, relative(world.cwd, root))
  const lines = Object.entries(checked).map(([gate, count]) => `${gate} (${count} checked)`)
  const summary = `${plugins} plugin(s), ${judged} of them looked at anew, ${problems.length} problem(s)`
  return resultOf({ root, plugins, judged, checked, problems }, [...lines, summary])
}

function gateLine(gate: string, checked: number, problems: number, idle: string | undefined): string {
  const looked = idle === undefined ? `${checked} checked` : `nothing to check: ${idle}`
  return `${problems === 0 ? 'ok  ' : 'FAIL'} ${gate} (${looked})`
}

const resultOf = (
  data: { root: string; problems: Problem[]; [what: string]: unknown },
  lines: readonly string[],
): Result => ({
  data,
  text: [...lines, ...data.problems.map((one) => problemLine({ ...one, message: `${one.code} ${one.message}` }))].join(
    '\n',
  ),
  exit: data.problems.length === 0 ? 0 : 1,
})

/** Files are named from the working directory. */
async function sarifResult(problems: readonly Problem[], below: string): Promise<Result> {
  const { sarifOf } = await import('@tenon/authoring')
  const placed = problems.map(({ file = '.', ...problem }) => ({ ...problem, file: posix.join(below, file) }))
  const data = sarifOf(placed, version)
  return { data, text: JSON.stringify(data, null, 2), exit: problems.length === 0 ? 0 : 1 }
}

async function validateManifest(world: World, name: string, file: string | undefined): Promise<Result> {
  const { dialects, readDialect } = await import('@tenon/contract/schema')
  if (file === undefined) throw new TenonError('USAGE', 'name the file to validate')
  if (!Object.hasOwn(dialects, name))
    throw new TenonError('USAGE', `there is no dialect "${name}"`, {
      hint: `Choose one of ${Object.keys(dialects).join(', ')}.`,
    })
  const text = await readNamed(world, file)
  const { description, problems, warnings } = readDialect(name as keyof typeof dialects, text)
  const lineOf = (problem: Problem): string => problemLine({ file, ...problem })
  const lines = [
    ...problems.map((problem) => `error ${lineOf(problem)}`),
    ...warnings.map((problem) => `warning ${lineOf(problem)}`),
  ]
  const verdict =
    problems.length === 0 ? `valid: ${description?.id} ${description?.version}` : `${problems.length} problem(s)`
  return {
    data: { valid: problems.length === 0, problems, warnings },
    text: [...lines, verdict].join('\n'),
    exit: problems.length === 0 ? 0 : 1,
  }
}
