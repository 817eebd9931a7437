import { TenonError, type Problem, type World } from '@tenon/contract'
import { defineCommand, textFlag } from '../command.ts'
import { problemLine } from '../printer.ts'
import type { Result } from '../result.ts'
import { readNamed } from './named-file.ts'
import { pluginFolder } from './plugin-folder.ts'

export const pluginValidate = defineCommand<{ dialect?: string }, [string?]>({
  brief: 'Check a plugin at every gate, or a foreign manifest by its own rules',
  example: 'plugin validate manifest.json --dialect host',
  flags: {
    dialect: textFlag('host, dataset or skill-map: what registration, discovery or the map would say of a file'),
  },
  args: ['folder or file?'],
  async run({ world }, { dialect }, named) {
    return dialect === undefined ? validateFolder(world, named) : validateManifest(world, dialect, named)
  },
})

async function validateFolder(world: World, named: string | undefined): Promise<Result> {
  const { policiesFor, validatePlugin } = await import('@tenon/authoring')
  const { nodeDisk } = await import('@tenon/bundle')
  const root = pluginFolder(world, named)
  const { gates, problems } = await validatePlugin(nodeDisk, root, await policiesFor(nodeDisk, root))
  const lines = gates.map(
    ({ gate, checked, problems: found }) => `${found.length === 0 ? 'ok  ' : 'FAIL'} ${gate} (${checked} checked)`,
  )
  return {
    data: { root, gates, problems },
    text: [...lines, ...problems.map(problemLine)].join('\n'),
    exit: problems.length === 0 ? 0 : 1,
  }
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
