import { TenonError } from '@tenon/contract'
import { defineCommand } from '../command.ts'
import { locationFlags, registryFlag, type LocationFlags } from './location-flags.ts'
import { pluginFolder } from './plugin-folder.ts'

export const pluginPublish = defineCommand<LocationFlags & { registry?: string }, [string?]>({
  brief: 'Pack a plugin and publish it to a registry; the publisher token is read from TENON_TOKEN',
  example: 'plugin publish plugins/id-mint --registry http://127.0.0.1:7420/registry',
  flags: {
    ...locationFlags,
    registry: registryFlag,
  },
  args: ['folder?'],
  async run({ world }, { registry = world.env['TENON_REGISTRY_URL'], ...flags }, named) {
    const token = world.env['TENON_TOKEN']
    if (registry === undefined)
      throw new TenonError('USAGE', 'no registry is named', { hint: 'Set TENON_REGISTRY_URL, or give --registry.' })
    if (token === undefined)
      throw new TenonError('TOKEN_INVALID', 'publishing wants a publisher token', { hint: 'Set TENON_TOKEN.' })
    const { packFolder } = await import('../compose/pack-folder.ts')
    const { publishPacked } = await import('../compose/publish-packed.ts')
    const packed = await packFolder(world, flags, pluginFolder(world, named))
    const published = await publishPacked({ registry, token }, packed)
    return { data: published, text: `published ${published.id}@${published.version} (${published.digest})` }
  },
})
