import { buildRouteMap } from '@stricli/core'
import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

const add = defineCommand<LocationFlags, [string]>({
  brief: 'Make another administrator of a host; the token is shown this once',
  example: 'admin user add bob',
  flags: locationFlags,
  args: ['name'],
  run: (cli, flags, name) =>
    onHost(cli, flags, async (ask) => {
      const made = (await ask('POST', '/admin/users', { name })) as { token: string }
      return { data: made, text: `token of ${name}, shown this once: ${made.token}` }
    }),
})

const list = defineCommand<LocationFlags>({
  brief: 'List the administrators of a host',
  example: 'admin user list',
  flags: locationFlags,
  run: (cli, flags) =>
    onHost(cli, flags, async (ask) => {
      const { users } = (await ask('GET', '/admin/users')) as { users: { name: string }[] }
      return { data: users, text: users.map(({ name }) => name).join('\n') }
    }),
})

const remove = defineCommand<LocationFlags, [string]>({
  brief: 'Take an administrator out of a host',
  example: 'admin user remove bob',
  flags: locationFlags,
  args: ['name'],
  run: (cli, flags, name) =>
    onHost(cli, flags, async (ask) => ({
      data: await ask('DELETE', `/admin/users/${encodeURIComponent(name)}`),
      text: `${name} is no administrator any more`,
    })),
})

export const adminUser = buildRouteMap({
  routes: { add, list, remove },
  docs: { brief: 'Who administers a host' },
})
