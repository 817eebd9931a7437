import { resolve } from 'node:path'
import { defineCommand, textFlag } from '../command.ts'
import { pluginFolder } from './plugin-folder.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export const pluginPack = defineCommand<LocationFlags & { out?: string }, [string?]>({
  brief: 'Make a signed bundle of a plugin',
  example: 'plugin pack plugins/id-mint --out dist',
  flags: {
    ...locationFlags,
    out: textFlag('Where to write bundle and envelope (default: dist)'),
  },
  args: ['folder?'],
  async run({ world }, { out = 'dist', ...flags }, named) {
    const { writePacked } = await import('@tenon/authoring')
    const { nodeDisk } = await import('@tenon/bundle')
    const { packFolder } = await import('../compose/pack-folder.ts')
    const { releasesOf } = await import('../compose/releases.ts')
    const root = pluginFolder(world, named)
    const packed = await packFolder(world, flags, root, await releasesOf(world, root))
    const paths = await writePacked(nodeDisk, resolve(world.cwd, out), packed)
    const { manifest, digest, manifestDigest } = packed
    return {
      data: { ...paths, id: manifest.id, version: manifest.version, digest, manifestDigest },
      text: `packed ${manifest.id}@${manifest.version} (${digest})\n  ${paths.archive}\n  ${paths.envelope}`,
    }
  },
})
