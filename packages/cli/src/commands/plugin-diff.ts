import type { ContractDiff } from '@tenon/authoring'
import { TenonError } from '@tenon/contract'
import { defineCommand } from '../command.ts'
import { inline, problemLine } from '../printer.ts'
import { registryFlag } from './location-flags.ts'

export const pluginDiff = defineCommand<{ registry?: string }, [string, string]>({
  brief: 'Say what changed between two versions of a plugin, for those who rely on the older one',
  example: 'plugin diff plugin/id-mint/v0.1.0 plugins/id-mint',
  flags: { registry: registryFlag },
  args: ['old', 'new'],
  async run({ world }, { registry = world.env['TENON_REGISTRY_URL'] }, oldName, newName) {
    const { diffContracts } = await import('@tenon/authoring')
    const { pluginVersion } = await import('../compose/plugin-version.ts')
    const old = await pluginVersion(world, registry, oldName)
    const next = await pluginVersion(world, registry, newName)
    if (old.spec.id !== next.spec.id && (old.spec.uid === undefined || old.spec.uid !== next.spec.uid))
      throw new TenonError('USAGE', `${old.spec.id} and ${next.spec.id} are different plugins`)
    const diff = diffContracts(old, next)
    return { data: diff, text: textOf(diff), exit: diff.bump === 'major' || diff.problems.length > 0 ? 1 : 0 }
  },
})

function textOf(diff: ContractDiff): string {
  const { id, from, to, changes, problems } = diff
  return [
    `${id} ${from} → ${to}`,
    ...changes.flatMap(changeLines),
    ...problems.map((problem) => `error ${problemLine(problem)}`),
    countsLine(diff),
    versionLine(diff),
  ].join('\n')
}

const WITNESS_CHARS = 160

function changeLines({ verdict, where, why, witness }: ContractDiff['changes'][number]): string[] {
  const line = `${verdict.padEnd('compatible'.length)} ${inline(where)}: ${inline(why)}`
  if (witness === undefined) return [line]
  const document = JSON.stringify(witness)
  const shown =
    document.length > WITNESS_CHARS ? `${document.slice(0, WITNESS_CHARS)}… (${document.length} characters)` : document
  return [line, `           such as ${inline(shown)}`]
}

function countsLine({ changes, unchanged }: ContractDiff): string {
  const count = (verdict: string): number => changes.filter((change) => change.verdict === verdict).length
  return `${unchanged} unchanged, ${count('compatible')} compatible, ${count('breaking')} breaking, ${count('unknown')} unknown`
}

function versionLine({ from, least, bump, changes }: ContractDiff): string {
  const why =
    changes.length === 0
      ? 'the contract is as it was'
      : bump === 'major'
        ? 'it breaks what relied on it'
        : 'it only adds'
  return `at least ${least} may follow ${from}: ${why}`
}
