import { TenonError } from '@tenon/contract'
import { switchFlag } from '../../command.ts'
import { smCommand } from './sm-command.ts'

const FLAVOUR = 'pre-commit-bump'

export const hooksInstall = smCommand<{ dryRun: boolean }, [string]>({
  brief: 'Have git run "sm bump --pending --staged" before each commit',
  example: `map hooks install ${FLAVOUR}`,
  flags: { dryRun: switchFlag('Write nothing: only show the hook and where it would be') },
  aliases: { n: 'dryRun' },
  args: ['hook'],
  async run({ world }, { dryRun }, flavour) {
    if (flavour !== FLAVOUR)
      throw new TenonError('USAGE', `there is no hook "${flavour}"`, { hint: `There is ${FLAVOUR}.` })
    const { planHook, writeHook } = await import('../../compose/pre-commit-hook.ts')
    const plan = await planHook(world)
    const { target, status, content } = plan
    if (!dryRun) await writeHook(plan)
    const done = { flavour, target, status }
    if (dryRun) return { data: { ...done, content, dryRun }, text: `--- target: ${target} ---\n${content}` }
    return { data: done, text: status === 'unchanged' ? `${target} has it already` : `${target} is ${status}` }
  },
})
