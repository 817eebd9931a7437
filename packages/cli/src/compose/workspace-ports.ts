import type { World } from '@tenon/contract'
import type { Host } from '@tenon/host'
import type { EventsStore } from './events-store.ts'
import type { WorkspaceInstallations } from './installations.ts'
import type { Levels } from './launch.ts'
import type { Locations } from './locations.ts'

/** What work on a workspace needs of the process that owns it. */
export type WorkspacePorts = {
  world: World
  locations: Locations
  registryUrl(): string | undefined
  host: Host
  events: EventsStore
  installations: WorkspaceInstallations
  levels: Levels
}
