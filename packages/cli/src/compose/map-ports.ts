import type { Audit, World } from '@tenon/contract'
import type { Admissions, Host, PluginRecord } from '@tenon/host'
import type { WorkspaceInstallations } from './installations.ts'
import type { Levels } from './launch.ts'
import type { Locations } from './locations.ts'

/** What the map of a workspace needs of its host. */
export type MapPorts = {
  world: World
  locations: Locations
  levels: Levels
  audit: Audit
  log(plugin: string, level: string, message: string): void
  /** The plugins that may take part now. */
  active(): readonly PluginRecord[]
  admit: Admissions['admit']
  installed: WorkspaceInstallations['installed']
  authority: Host['authority']
  /** What is set on this host for a plugin, secrets included. */
  chosenFor: Host['settings']['chosenFor']
}
