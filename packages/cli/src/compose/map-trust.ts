import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Type from 'typebox'
import { nodeDisk, writeAside } from '@tenon/bundle'
import { parseJson, TenonError, type World } from '@tenon/contract'
import { validatorOf } from '@tenon/contract/schema'
import { homeOf } from './locations.ts'

/** A plugin of the map that may run in the process of `sm` on this machine, as long as its files are these. */
export type MapTrust = { plugin: string; digest: string; trustedAt: number }

const trusts = validatorOf(
  Type.Array(Type.Object({ plugin: Type.String(), digest: Type.String(), trustedAt: Type.Number() })),
)

const fileOf = (world: World): string => join(homeOf(world), 'map-trust.json')

/** Throws DATA_FOLDER_CORRUPT when the file is not what was written. */
export async function readMapTrust(world: World): Promise<MapTrust[]> {
  const path = fileOf(world)
  const text = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return '[]'
    throw thrown
  })
  const value = parseJson(text, path)
  if (trusts.is(value)) return value
  throw new TenonError('DATA_FOLDER_CORRUPT', `${path} does not hold what was written`, {
    hint: 'Remove it, and trust plugins anew.',
    problems: trusts.problems(value),
  })
}

/** Trusts these files of a plugin, in the place of those that were trusted before. */
export async function trustMapPlugin(world: World, { plugin, digest }: Omit<MapTrust, 'trustedAt'>): Promise<void> {
  const others = (await readMapTrust(world)).filter((trust) => trust.plugin !== plugin)
  await write(world, [...others, { plugin, digest, trustedAt: world.now() }])
}

/** Takes back what trust there is in these plugins. */
export async function distrustMapPlugins(world: World, plugins: readonly string[]): Promise<void> {
  if (plugins.length === 0) return
  const others = (await readMapTrust(world)).filter((trust) => !plugins.includes(trust.plugin))
  await write(world, others)
}

const write = (world: World, all: readonly MapTrust[]): Promise<void> =>
  writeAside(nodeDisk, fileOf(world), `${JSON.stringify(all, null, 2)}\n`, 0o600)
