import { resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { bytesOf, identityBytes } from './ledger-file.ts'
import { brokenText } from './ledger-verify.ts'

export const ledgerConsistency = defineCommand<object, [string, string?]>({
  brief: 'Prove that what an earlier checkpoint signed is a beginning of what is signed today',
  example: 'ledger consistency old-checkpoint.json',
  args: ['old checkpoint', 'file?'],
  async run({ world }, _flags, named, file) {
    const { proveGrowth, requireIdentityLedger } = await import('@tenon/ledger')
    const older = await bytesOf(resolve(world.cwd, named))
    const { bytes, checkpoint } = await identityBytes(world, file)
    const { consistency, broken } = await proveGrowth(bytes, await requireIdentityLedger(bytes, checkpoint), older)
    if (consistency === undefined) return { data: { ok: false, broken }, text: brokenText(broken), exit: 5 }
    const { first, second } = consistency
    return {
      data: { ok: true, ...consistency },
      text: `the first ${first.size} of ${second.size} signed lines are those that were signed then`,
    }
  },
})
