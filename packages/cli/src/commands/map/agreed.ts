import { TenonError } from '@tenon/contract'
import type { Cli } from '../../command.ts'
import { ask } from '../../printer.ts'

/** What cannot be taken back is agreed to by a flag, which `yes` stands for, or by the person at the terminal; else it is refused. */
export async function requireAgreement({ io }: Cli, yes: boolean, what: string, flag = '--yes'): Promise<void> {
  if (yes) return
  const answer = await ask(io, `${what}. Go on? [y/N] `)
  if (answer === undefined)
    throw new TenonError('USAGE', `${what}, and ${flag} is not given`, { hint: `Add ${flag}, or --dry-run.` })
  if (!/^y(es)?$/i.test(answer)) throw new TenonError('CALL_CANCELLED', 'nothing was changed')
}
