/** A registered plugin, by its own token. */
export type PluginPrincipal = { kind: 'plugin'; id: string }
/** Whoever holds the token of an administrator or a session opened with it. */
export type AdminPrincipal = { kind: 'admin'; name: string; traits: readonly string[] }
export type HostPrincipal = PluginPrincipal | AdminPrincipal

/** How a principal is named in the audit ledger. */
export const actorOf = (principal: HostPrincipal): string =>
  principal.kind === 'plugin' ? `plugin:${principal.id}` : `admin:${principal.name}`
