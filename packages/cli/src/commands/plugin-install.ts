import { parseReference } from '@tenon/contract'
import { defineCommand, switchFlag, textFlag, textsFlag } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

type Applied = {
  generation: number
  changes: { id: string; from?: string; to?: string }[]
  warnings: string[]
  asked: Record<string, { capability: string; reason: string }[]>
}

type Flags = LocationFlags & { registry?: string; grant?: string[]; plan: boolean }

export const pluginInstall = defineCommand<Flags, string[]>({
  brief: 'Install plugins into a workspace; without a name, what tenon.json wants',
  example: 'plugin install tenon/id-mint@^1 --grant storage:kv',
  flags: {
    ...locationFlags,
    registry: textFlag('URL of the registry (default: TENON_REGISTRY_URL)'),
    grant: textsFlag('A capability to grant to the plugins that are named; repeat for more'),
    plan: switchFlag('Only show what would change'),
  },
  args: ['reference...'],
  async run(cli, flags, ...references) {
    const named = references.map(parseReference)
    const add = Object.fromEntries(
      named.map(({ id, publisher, range = '*' }) => [publisher === undefined ? id : `${publisher}/${id}`, range]),
    )
    return onHost(cli, flags, async (ask) => {
      const applied = (await ask('POST', flags.plan ? '/workspace/plan' : '/workspace/apply', { add })) as Applied
      const granted = flags.plan ? [] : (flags.grant ?? [])
      if (granted.length > 0)
        await ask('PUT', '/workspace/grants', { grants: Object.fromEntries(named.map(({ id }) => [id, granted])) })
      return { data: { ...applied, granted }, text: textOf(applied, granted) }
    })
  },
})

function textOf({ generation, changes, warnings, asked = {} }: Applied, granted: readonly string[]): string {
  const lines = changes.map(
    ({ id, from, to }) =>
      `${from === undefined ? '+' : to === undefined ? '-' : '~'} ${id} ${[from, to].filter((part) => part !== undefined).join(' → ')}`,
  )
  const wishes = Object.entries(asked).flatMap(([id, permissions]) =>
    permissions
      .filter(({ capability }) => !granted.includes(capability))
      .map(
        ({ capability, reason }) =>
          `  ${id} asks for ${capability}: ${reason}\n    grant it with --grant ${capability}`,
      ),
  )
  const head = generation === undefined ? [] : [changes.length === 0 ? 'nothing to change' : `generation ${generation}`]
  return [...head, ...lines, ...wishes, ...warnings.map((warning) => `warning: ${warning}`)].join('\n')
}
