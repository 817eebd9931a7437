import { TenonError } from '@tenon/contract'
import { defineCommand, textFlag } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { readNamed } from './named-file.ts'

export const keyTrust = defineCommand<LocationFlags & { publisher?: string }, [string]>({
  brief: 'Let the public key in a file sign for a publisher on this machine',
  example: 'key trust acme.pem --publisher acme',
  flags: { ...locationFlags, publisher: textFlag('For whom the key may sign') },
  args: ['file'],
  run(cli, { publisher, ...flags }, file) {
    if (publisher === undefined) throw new TenonError('USAGE', 'say for which --publisher the key may sign')
    return onHost(cli, flags, async (ask) => {
      const publicKey = await readNamed(cli.world, file)
      const key = (await ask('PUT', '/admin/keys', { publisher, publicKey })) as { keyId: string }
      return { data: key, text: `${key.keyId} may sign for ${publisher} on this machine` }
    })
  },
})
