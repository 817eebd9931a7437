import type { World } from '@tenon/contract'
import type { Host } from '@tenon/host'
import type { EventsStore } from './events-store.ts'
import type { WorkspaceInstallations } from './installations.ts'
import type { Levels } from './launch.ts'
import type { Locations } from './locations.ts'
import type { RevocationWatch } from './revocation-watch.ts'

/** What work on a workspace needs of the process that owns it. */
export type WorkspacePorts = {
  world: World
  locations: Locations
  /** Where plugins come from when a wish names no registry. */
  registryUrl(): string | undefined
  host: Host
  events: EventsStore
  installations: WorkspaceInstallations
  levels: Levels
  watch: RevocationWatch
  log(plugin: string, level: string, message: string): void
}
