import { parseReference, TenonError } from '@tenon/contract'
import type { Ask } from '../compose/asker.ts'
import { defineCommand, switchFlag, textsFlag } from '../command.ts'
import { inline } from '../printer.ts'
import { onHost } from './host-work.ts'
import { locationFlags, registryFlag, type LocationFlags } from './location-flags.ts'

type Applied = {
  changes: { id: string; from?: string; to?: string }[]
  warnings: string[]
  /** Missing from a plan. */
  generation?: number
  asked?: Record<string, { capability: string; reason: string }[]>
}

type Flags = LocationFlags & { registry?: string; grant?: string[]; plan: boolean }

export const pluginInstall = defineCommand<Flags, string[]>({
  brief: 'Install plugins into a workspace; without a name, what tenon.json wants',
  example: 'plugin install tenon/id-mint@^1 --grant storage:kv',
  flags: {
    ...locationFlags,
    registry: registryFlag,
    grant: textsFlag('A capability to grant to the plugins that are named, besides what they have; repeat for more'),
    plan: switchFlag('Only show what would change'),
  },
  args: ['reference...'],
  async run(cli, { grant = [], plan, registry = cli.world.env['TENON_REGISTRY_URL'], ...flags }, ...references) {
    const named = references.map(parseReference)
    if (grant.length > 0 && named.length === 0)
      throw new TenonError('USAGE', `nobody is named to grant ${grant.join(', ')} to`, { hint: 'Name the plugin.' })
    const add = Object.fromEntries(
      named.map(({ id, publisher, range = '*' }) => [publisher === undefined ? id : `${publisher}/${id}`, range]),
    )
    return onHost(cli, flags, async (ask) => {
      const applied = (await ask('POST', plan ? '/workspace/plan' : '/workspace/apply', { add, registry })) as Applied
      const ids = named.map(({ id }) => id)
      const granted = plan ? {} : await grantMore(ask, ids, grant)
      return { data: { ...applied, granted }, text: textOf(applied, granted) }
    })
  },
})

type Grants = Record<string, string[]>

/** Adds to what the workspace grants; answers all that it grants then. */
async function grantMore(ask: Ask, ids: readonly string[], more: readonly string[]): Promise<Grants> {
  const { grants } = (await ask('GET', '/workspace')) as { grants: Grants }
  if (more.length === 0) return grants
  const wider = Object.fromEntries(ids.map((id) => [id, [...new Set([...(grants[id] ?? []), ...more])]]))
  const changed = (await ask('PUT', '/workspace/grants', { grants: wider })) as { grants: Grants }
  return changed.grants
}

function textOf({ generation, changes, warnings, asked = {} }: Applied, granted: Grants): string {
  const lines = changes.map(
    ({ id, from, to }) =>
      `${from === undefined ? '+' : to === undefined ? '-' : '~'} ${id} ${[from, to].filter((part) => part !== undefined).join(' → ')}`,
  )
  const wishes = Object.entries(asked).flatMap(([id, permissions]) =>
    permissions
      .filter(({ capability }) => granted[id]?.includes(capability) !== true)
      .map(
        ({ capability, reason }) =>
          `  ${id} asks for ${capability}: ${inline(reason)}\n    grant it with --grant ${capability}`,
      ),
  )
  const head = generation === undefined ? [] : [changes.length === 0 ? 'nothing to change' : `generation ${generation}`]
  return [...head, ...lines, ...wishes, ...warnings.map((warning) => `warning: ${inline(warning)}`)].join('\n')
}
