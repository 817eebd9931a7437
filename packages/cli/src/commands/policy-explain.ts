import type { PolicyExplanation } from '@tenon/authoring'
import { TenonError } from '@tenon/contract'
import type { PolicyKey, PolicyValue } from '@tenon/contract/schema'
import { defineCommand } from '../command.ts'
import { problemLine } from '../printer.ts'
import { pluginFolder } from './plugin-folder.ts'

export const policyExplain = defineCommand<object, [string, string?]>({
  brief: 'Say what the policies demand of a plugin: each value, the rule that wins, those that lose, and the waiver',
  example: 'policy explain id-mint operation.timeoutMs',
  args: ['plugin', 'key?'],
  async run({ world }, _flags, named, key) {
    const { explainPolicy, policiesFor, readPluginFolder, requirePolicies, requireSpec } = await import(
      '@tenon/authoring'
    )
    const { nodeDisk } = await import('@tenon/bundle')
    const { committedAt } = await import('../compose/committed-at.ts')
    const root = pluginFolder(world, named)
    const keys = key === undefined ? undefined : [await knownKey(key)]
    const spec = requireSpec(await readPluginFolder(nodeDisk, root))
    const policies = await requirePolicies(nodeDisk, await policiesFor(nodeDisk, root))
    const explained = explainPolicy(policies, spec, { keys, at: await committedAt(world, root) })
    return { data: { plugin: spec.id, keys: explained }, text: explained.map(textOf).join('\n') }
  },
})

async function knownKey(key: string): Promise<PolicyKey> {
  const { isPolicyKey, nearest, POLICY_KEYS } = await import('@tenon/contract/schema')
  if (isPolicyKey(key)) return key
  const keys = Object.keys(POLICY_KEYS)
  const near = nearest(key, keys)
  throw new TenonError('POLICY_KEY_UNKNOWN', `no policy has a key "${key}"`, {
    hint: near === undefined ? `Known keys: ${keys.join(', ')}.` : `Did you mean "${near}"?`,
  })
}

function textOf({ key, refusedBy, outcome, problems }: PolicyExplanation): string {
  const wrong = problems.map((problem) => `  wrong   ${problemLine(problem)}`)
  if (outcome === undefined) return [`${key}: nothing sets it`, ...wrong].join('\n')
  const { direction, value, winners, losers, waiver } = outcome
  return [
    `${key}: ${valueText(value)} (${direction}; refused by ${refusedBy})`,
    ...winners.map((source) => sourceText('wins', source)),
    ...(waiver === undefined
      ? []
      : [
          `  waiver  ${valueText(waiver.value)}, until ${waiver.expires}, approved by ${waiver.approver}, ${waiver.file}:${waiver.line}`,
          `          ${waiver.reason}`,
        ]),
    ...losers.map((source) => sourceText('loses', source)),
    ...wrong,
  ].join('\n')
}

type Source = NonNullable<PolicyExplanation['outcome']>['winners'][number]

const sourceText = (what: string, { value, pack, rule, layer, locked, file, line, reason }: Source): string =>
  [
    `  ${what.padEnd(7)} ${valueText(value)}, rule "${rule}" of ${pack}, ${layer}${locked ? ', locked' : ''}, ${file}:${line}`,
    `          ${reason}`,
  ].join('\n')

export const valueText = (value: PolicyValue): string => {
  if (typeof value !== 'object') return String(value)
  return value.length === 0 ? 'none' : value.join(' ')
}
