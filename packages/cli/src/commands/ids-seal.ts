import type { SigningKey } from '@tenon/bundle'
import { jsonValue, type World } from '@tenon/contract'
import { defineCommand, textFlag } from '../command.ts'
import { signingKeyIn } from './key-file.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export const idsSeal = defineCommand<LocationFlags & { key?: string; rotateTo?: string }>({
  brief: 'Append what was merged to the ledger of identities, and sign it',
  example: 'ids seal --key ledger-key.pem',
  flags: {
    ...locationFlags,
    key: textFlag('The file of the Ed25519 private key that signs, in PEM (default: a key of this machine)'),
    rotateTo: textFlag('The file of the key that is to sign from now on'),
  },
  async run({ world }, { key, rotateTo, ...flags }) {
    const { seal } = await import('@tenon/authoring')
    const { nodeDisk, openRepository } = await import('@tenon/bundle')
    const repository = await openRepository(world)
    const next = rotateTo === undefined ? undefined : await signingKeyIn(world, rotateTo)
    const signing = key === undefined ? await machineKey(world, flags) : await signingKeyIn(world, key)
    const sealed = await seal({ disk: nodeDisk, repository, key: signing, rotateTo: next })
    const appended = sealed.appended.map(
      (line) => jsonValue(line) as { seq: number; type: string; card: string | null },
    )
    const lines = appended.map(({ seq, type, card }) => `${seq} ${type} ${card ?? ''}`.trimEnd())
    const written = sealed.written.map((path) => `  ${path}`)
    return {
      data: { ...sealed, appended },
      text: written.length === 0 ? 'nothing to seal' : [...lines, ...written].join('\n'),
    }
  },
})

async function machineKey(world: World, flags: LocationFlags): Promise<SigningKey> {
  const { locationsOf } = await import('../compose/locations.ts')
  const { ledgerKey } = await import('../compose/machine-keys.ts')
  return ledgerKey(locationsOf(world, flags).home)
}
