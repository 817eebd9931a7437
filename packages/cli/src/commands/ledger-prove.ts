import { resolve } from 'node:path'
import { isUlid, prettyJson, TenonError } from '@tenon/contract'
import { defineCommand, textFlag } from '../command.ts'
import { identityBytes } from './ledger-file.ts'

export const ledgerProve = defineCommand<{ out?: string }, [string, string?]>({
  brief: 'Prove that the lines of an identity card are in what was signed',
  example: 'ledger prove 01JZ3V5K8Q0000000000000000 --out proof.json',
  flags: { out: textFlag('Write the proof to this file, too') },
  args: ['card', 'file?'],
  async run({ world }, { out }, card, file) {
    if (!isUlid(card)) throw new TenonError('USAGE', `"${card}" is no ULID of a card`)
    const { proveCard, requireIdentityLedger, signedOf } = await import('@tenon/ledger')
    const { bytes, checkpoint } = await identityBytes(world, file)
    const ledger = await requireIdentityLedger(bytes, checkpoint)
    const proofs = proveCard(ledger, card)
    if (proofs.length === 0) throw new TenonError('CARD_UNKNOWN', `no signed line is about the card ${card}`)
    const data = { card, checkpoint: signedOf(ledger).checkpoint, proofs }
    if (out !== undefined) {
      const { nodeDisk, writeAside } = await import('@tenon/bundle')
      await writeAside(nodeDisk, resolve(world.cwd, out), prettyJson(data))
    }
    const lines = proofs.map(({ index, size }) => `line ${index + 1} of ${size} is in what was signed`)
    return { data, text: lines.join('\n') }
  },
})
