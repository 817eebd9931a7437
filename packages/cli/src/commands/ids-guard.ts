import type { GuardVerdict } from '@tenon/authoring'
import { defineCommand, switchFlag, textFlag } from '../command.ts'
import { problemLine } from '../printer.ts'
import { version } from '../version.ts'

type Flags = { base?: string; head?: string; merged: boolean; bootstrap: boolean; sarif: boolean }

export const idsGuard = defineCommand<Flags>({
  brief: 'Hold a change to the guard of the commit that it began with',
  example: 'ids guard --base origin/main',
  flags: {
    base: textFlag('The commit that it began with, or a branch that it left (default: origin/main or main)'),
    head: textFlag('The commit with the change (default: HEAD)'),
    merged: switchFlag('The change is merged and sealed: hold ledger, registry and tags to it, too'),
    bootstrap: switchFlag('Where the base has no guard, take the one of this program'),
    sarif: switchFlag('Print the problems as SARIF'),
  },
  async run({ world }, { sarif, ...request }) {
    const { guardOfBase, sarifOf } = await import('@tenon/authoring')
    const verdict = await guardOfBase(world, request)
    const exit = verdict.problems.length === 0 ? 0 : 1
    if (!sarif) return { data: verdict, text: verdictText(verdict), exit }
    const data = sarifOf(verdict.problems, version)
    return { data, text: JSON.stringify(data, null, 2), exit }
  },
})

const verdictText = ({ base, head, guardOf, guards, problems }: GuardVerdict): string =>
  [
    `${head.slice(0, 12)} from ${base.slice(0, 12)}, held to the guard of ${guardOf === 'base' ? 'the base' : 'this program, since the base has none'}`,
    ...guards.map(({ gate, checked, idle, problems: found }) => {
      const looked = idle === undefined ? `${checked} checked` : `nothing to check: ${idle}`
      return `${found.length === 0 ? 'ok  ' : 'FAIL'} ${gate} (${looked})`
    }),
    ...problems.map((one) => problemLine({ ...one, message: `${one.code} ${one.message}` })),
  ].join('\n')
