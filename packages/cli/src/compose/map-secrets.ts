import { isSealed, type Config, type OpenedSecrets, type SealedSetting } from '@tenon/map'
import type { MapGround } from './map-ground.ts'

/** The folder of the master key, and the world that it is in. */
type Machine = Pick<MapGround, 'world' | 'home'>

/** Where a secret of the settings belongs; it opens nowhere else. */
type SecretPlace = { plugin: string; setting: string }

const contextOf = ({ plugin, setting }: SecretPlace): string => JSON.stringify(['tenon map', plugin, setting])

export async function sealSecret({ world, home }: Machine, place: SecretPlace, text: string): Promise<SealedSetting> {
  const { sealText } = await import('@tenon/storage')
  const { masterKeyPlace, masterKeysIn } = await import('./master-key.ts')
  const keys = await masterKeysIn(masterKeyPlace(home, world))
  return { sealed: sealText(keys, contextOf(place), text, world) }
}

/** The secrets of all plugins, and where there are some that no key of this machine opens. */
export type Secrets = { opened: OpenedSecrets; closed: SecretPlace[] }

export async function openSecrets({ world, home }: Machine, { plugins }: Config): Promise<Secrets> {
  const sealed = Object.entries(plugins).flatMap(([plugin, { config = {} }]) =>
    Object.entries(config).flatMap(([setting, value]) => (isSealed(value) ? [{ plugin, setting, ...value }] : [])),
  )
  const secrets: Secrets & { opened: Record<string, Record<string, string>> } = { opened: {}, closed: [] }
  if (sealed.length === 0) return secrets
  const { openText } = await import('@tenon/storage')
  const { masterKeyPlace } = await import('./master-key.ts')
  const keys = await masterKeyPlace(home, world).read()
  for (const { plugin, setting, sealed: text } of sealed) {
    const opened = keys && openText(keys, contextOf({ plugin, setting }), text)
    if (opened === undefined) secrets.closed.push({ plugin, setting })
    else secrets.opened[plugin] = { ...secrets.opened[plugin], [setting]: opened }
  }
  return secrets
}

/** The secrets that extensions are given. Those that do not open are told. */
export async function secretsFor(ground: MapGround, config: Config): Promise<OpenedSecrets> {
  const { opened, closed } = await openSecrets(ground, config)
  for (const place of closed) ground.tell.secret(place.plugin, closedText(place))
  return opened
}

export const closedText = ({ plugin, setting }: SecretPlace): string =>
  `no key of this machine opens the secret ${JSON.stringify(setting)} of ${plugin}: set it anew`
