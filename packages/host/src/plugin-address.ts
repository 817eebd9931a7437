import type { PluginRecord } from './records.ts'

/** Where a remote plugin answers: what the operator set, else the host name that a container network gives it. */
export const addressOf = ({ id, address, description }: PluginRecord): string =>
  address ?? `http://${id}:${description.health?.check?.port ?? 8080}`
