import { TenonError } from '@tenon/contract'
import type { PluginRecord } from './records.ts'

const DEFAULT_PORT = 8080

/** Where a remote plugin answers: what the operator set, else the host name that a container network gives it. */
export function addressOf({ id, address, description }: PluginRecord): string {
  if (address !== undefined) return address
  // An id comes from a manifest, so it may not spell an address of this machine: 2130706433 is 127.0.0.1.
  const url = `http://${id}:${description.health?.check?.port ?? DEFAULT_PORT}`
  if (id !== 'localhost' && URL.canParse(url) && new URL(url).hostname === id) return url
  throw new TenonError('UPSTREAM_UNREACHABLE', `"${id}" is no host name that a plugin may have`, {
    hint: 'An administrator says where it answers: PUT /admin/plugins/{id}/address.',
  })
}

/** Whether a text is `http(s)://host[:port]` and nothing else. */
export const isAddress = (text: string): boolean => /^https?:\/\/[^/\s?#@\\]+$/.test(text) && URL.canParse(text)
