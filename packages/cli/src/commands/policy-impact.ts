import { realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Policies, PolicyImpact, PolicyPack } from '@tenon/authoring'
import { TenonError, type World } from '@tenon/contract'
import type { PolicyValue } from '@tenon/contract/schema'
import { defineCommand, textFlag } from '../command.ts'
import { problemLine } from '../printer.ts'
import { readNamed } from './named-file.ts'
import { valueText } from './policy-explain.ts'

type Change = { before: Policies; after: Policies }

export const policyImpact = defineCommand<{ against?: string }, readonly string[]>({
  brief: 'Say, before a merge, which plugins would fail under other policies. Nothing is changed',
  example: 'policy impact policies/base/1.0.0',
  flags: {
    against: textFlag(
      'Without packs: the revision of git whose policies those of the working tree are compared with (default: HEAD)',
    ),
  },
  args: ['pack folder or file...'],
  async run({ world }, { against }, ...named) {
    if (against !== undefined && named.length > 0)
      throw new TenonError('USAGE', '--against is for the packs of the working tree', {
        hint: 'Name packs or a revision.',
      })
    const { policiesFor, policyImpact: impactOn, readPluginFolder } = await import('@tenon/authoring')
    const { nodeDisk } = await import('@tenon/bundle')
    const { committedAt } = await import('../compose/committed-at.ts')
    const plugins = join(world.cwd, 'plugins')
    const folder = await policiesFor(nodeDisk, plugins)
    const change = named.length > 0 ? await replaced(world, folder, named) : await sinceRevision(world, folder, against)
    const at = await committedAt(world, plugins)
    const impacts: PolicyImpact[] = []
    for (const id of await nodeDisk.list(plugins)) {
      if ((await nodeDisk.kind(join(plugins, id))) !== 'folder') continue
      impacts.push(impactOn(await readPluginFolder(nodeDisk, join(plugins, id)), { ...change, at }))
    }
    const told = impacts.map((impact) => ({ ...impact, fails: fails(impact) }))
    if (told.length === 0) throw new TenonError('PLUGIN_UNKNOWN', `there is no plugin under ${plugins}`)
    return { data: { plugins: told }, text: textOf(told), exit: told.some((one) => one.fails) ? 1 : 0 }
  },
})

/** The policies that are there, and the same with packs of these names in the place of theirs. */
async function replaced(world: World, folder: string, named: readonly string[]): Promise<Change> {
  const { requirePolicies } = await import('@tenon/authoring')
  const { nodeDisk } = await import('@tenon/bundle')
  const before = await requirePolicies(nodeDisk, folder)
  const packs: PolicyPack[] = []
  for (const name of named) packs.push(await namedPack(world, name))
  const others = before.packs.filter(({ pack }) => !packs.some((one) => one.pack === pack))
  return { before, after: { ...before, packs: [...others, ...packs] } }
}

async function namedPack(world: World, name: string): Promise<PolicyPack> {
  const { readPack } = await import('@tenon/authoring')
  const file = name.endsWith('.yaml') ? name : join(name, 'pack.yaml')
  const { pack, problems } = readPack(await readNamed(world, file), file)
  if (pack === undefined) throw new TenonError('POLICY_INVALID', `${file} is no policy pack`, { problems })
  return pack
}

/** The policies of a revision, of which what cannot be read counts for nothing, and those of the working tree. */
async function sinceRevision(world: World, folder: string, revision = 'HEAD'): Promise<Change> {
  const { committedPolicies, requirePolicies } = await import('@tenon/authoring')
  const { nodeDisk, openRepository } = await import('@tenon/bundle')
  const after = await requirePolicies(nodeDisk, folder)
  const repository = await openRepository(world)
  const commit = await repository.git('rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`)
  const { policies } = await committedPolicies(repository, commit, {
    folder: relative(repository.folder, realpathSync(folder)),
    plugins: await nodeDisk.list(join(folder, '../plugins')),
  })
  return { before: policies, after }
}

const fails = ({ keys, problems }: PolicyImpact): boolean =>
  problems.length > 0 || keys.some((key) => key.problems.length > 0)

function textOf(impacts: readonly (PolicyImpact & { fails: boolean })[]): string {
  const failing = impacts.filter((impact) => impact.fails).length
  const lines = impacts.flatMap((impact) => [
    `${impact.plugin}: ${impact.fails ? 'would fail' : 'would pass'}`,
    ...impact.problems.map((problem) => `  ${problemLine(problem)}`),
    ...impact.keys.flatMap(({ key, before, after, problems }) => [
      `  ${key}: ${changeText(text(before), text(after))}`,
      ...problems.map((problem) => `    ${problemLine(problem)}`),
    ]),
  ])
  return [...lines, `${failing} of ${impacts.length} plugin(s) would fail`].join('\n')
}

const changeText = (before: string, after: string): string =>
  before === after ? `${after}, as before` : `${before} → ${after}`

const text = (value: PolicyValue | null): string => (value === null ? 'unset' : valueText(value))
