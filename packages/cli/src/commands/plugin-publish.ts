import { TenonError } from '@tenon/contract'
import { defineCommand } from '../command.ts'
import { locationFlags, registryFlag, type LocationFlags } from './location-flags.ts'
import { pluginFolder } from './plugin-folder.ts'

export const pluginPublish = defineCommand<LocationFlags & { registry?: string }, [string?]>({
  brief: 'Publish a bundle, or a folder after packing it, to a registry; the publisher token is read from TENON_TOKEN',
  example: 'plugin publish plugins/id-mint --registry http://127.0.0.1:7420/registry',
  flags: {
    ...locationFlags,
    registry: registryFlag,
  },
  args: ['folder or bundle?'],
  async run({ world }, { registry = world.env['TENON_REGISTRY_URL'], ...flags }, named) {
    const token = world.env['TENON_TOKEN']
    if (registry === undefined)
      throw new TenonError('USAGE', 'no registry is named', { hint: 'Set TENON_REGISTRY_URL, or give --registry.' })
    if (token === undefined)
      throw new TenonError('TOKEN_INVALID', 'publishing wants a publisher token', { hint: 'Set TENON_TOKEN.' })
    const { packFolder } = await import('../compose/pack-folder.ts')
    const { releasesOf } = await import('../compose/releases.ts')
    const root = pluginFolder(world, named)
    const { publishPacked, writtenBundle } = await import('../compose/publish-packed.ts')
    const packed = root.endsWith('.tgz')
      ? await writtenBundle(world, flags, root)
      : await packFolder(world, flags, root, await releasesOf(world, root))
    const published = await publishPacked({ registry, token }, packed)
    return { data: published, text: `published ${published.id}@${published.version} (${published.digest})` }
  },
})
