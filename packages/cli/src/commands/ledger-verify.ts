import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { TenonError } from '@tenon/contract'
import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

type Verified = { streams: Record<string, unknown>; broken: { stream: string; position: number; why: string }[] }

export const ledgerVerify = defineCommand<LocationFlags, [string?]>({
  brief: 'Compute a ledger anew and name the first line of each stream that was changed',
  example: 'ledger verify .ledger/ids.jsonl',
  flags: locationFlags,
  args: ['file?'],
  async run(cli, flags, named) {
    const repository = join(cli.world.cwd, '.ledger/ids.jsonl')
    const file = named === undefined ? (existsSync(repository) ? repository : undefined) : resolve(cli.world.cwd, named)
    const verified =
      file === undefined
        ? ((await onHost(cli, flags, (ask) => ask('GET', '/ledger/verify'))) as Verified)
        : await verifyAt(file)
    const { streams, broken } = verified
    if (broken.length === 0)
      return {
        data: { ok: true, ...verified },
        text: `${Object.keys(streams).length} stream(s) are as they were written`,
      }
    const lines = broken.map(({ stream, position, why }) => `${stream}: line ${position}: ${why}`)
    return { data: { ok: false, ...verified }, text: lines.join('\n'), exit: 5 }
  },
})

async function verifyAt(file: string): Promise<Verified> {
  if (!existsSync(file)) throw new TenonError('LEDGER_INVALID', `there is no file ${file}`)
  const { verifyFile } = await import('@tenon/ledger')
  return verifyFile(file)
}
