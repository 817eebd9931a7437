import { existsSync } from 'node:fs'
import { TenonError, type World } from '@tenon/contract'
import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { identityBytes, isIdentityLedger, ledgerFile } from './ledger-file.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

type Broken = { stream: string; position: number; why: string }
type Verified = { streams: Record<string, unknown>; broken: Broken[]; keyId?: string }

export const ledgerVerify = defineCommand<LocationFlags, [string?]>({
  brief: 'Compute a ledger anew and name the first line of each stream that was changed',
  example: 'ledger verify .ledger/ids.jsonl',
  flags: locationFlags,
  args: ['file?'],
  async run(cli, flags, named) {
    const file = ledgerFile(cli.world, named)
    const verified =
      file === undefined
        ? ((await onHost(cli, flags, (ask) => ask('GET', '/ledger/verify'))) as Verified)
        : await verifyAt(cli.world, file)
    const { streams, broken, keyId } = verified
    if (broken.length === 0)
      return {
        data: { ok: true, ...verified },
        text: [
          `${Object.keys(streams).length} stream(s) are as they were written`,
          ...(keyId === undefined ? [] : [`signed by the key ${keyId}`]),
        ].join('\n'),
      }
    return { data: { ok: false, ...verified }, text: brokenText(broken), exit: 5 }
  },
})

/** Each place, in a line. */
export const brokenText = (broken: readonly Broken[]): string =>
  broken.map(({ stream, position, why }) => `${stream}: line ${position}: ${why}`).join('\n')

async function verifyAt(world: World, file: string): Promise<Verified> {
  if (!existsSync(file)) throw new TenonError('LEDGER_INVALID', `there is no file ${file}`)
  const { IDENTITY_STREAM, readIdentityLedger, verifyFile } = await import('@tenon/ledger')
  if (!isIdentityLedger(file)) return verifyFile(file)
  const { bytes, checkpoint } = await identityBytes(world, file)
  const { ledger, broken } = await readIdentityLedger(bytes, checkpoint)
  if (ledger === undefined) return { streams: {}, broken: [...broken] }
  const { chain, root } = ledger
  return {
    streams: { [IDENTITY_STREAM]: { size: chain.count, head: chain.head, root } },
    broken: [],
    ...(ledger.checkpoint === undefined ? {} : { keyId: ledger.checkpoint.keyId }),
  }
}
