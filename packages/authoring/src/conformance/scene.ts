import type { AuditRecord, Json, PluginSpec } from '@tenon/contract'
import type { Mount } from '@tenon/sandbox'
import type { PluginFolder } from '../folder/plugin-folder.ts'

/** The plugin whose conformance is looked at. Its folder is on disk, and what is in it is what was read. */
export type Candidate = {
  spec: PluginSpec
  folder: PluginFolder
  /** Where packages lie that its code imports, to be seen at their own places. */
  packages: readonly string[]
}

/** What a sandbox shows of a plugin: its folder at this place, and the packages that it imports from. */
export const shownOf = ({ folder, packages }: Candidate, target: string): Mount[] => [
  { source: folder.root, target, readOnly: true },
  ...packages.map((path) => ({ source: path, target: path, readOnly: true })),
]

/** An event that the plugin published. */
export type Published = { type: string; payload: Json }

/** The host around a plugin that answers calls: everything that it asks for is granted, and nothing is stored. */
export type HostScene = {
  /** Rejects with what the host says to who calls. */
  call(operation: string, input: Json): Promise<Json>
  grant(capability: string): void
  deny(capability: string): void
  store(key: string, value: Json): Promise<void>
  stored(key: string): Promise<Json | undefined>
  published(): readonly Published[]
  /** From now on another plugin is there whose operation answers this, whatever it is asked. */
  neighbour(plugin: string, operation: string, answer: Json): Promise<void>
  /** How much its process has held at most, in MiB; undefined where it cannot be told. */
  memoryMb(): number | undefined
  /** How often another plugin's operation was called by this one. */
  callsOf(plugin: string, operation: string): number
}

/** A plugin that runs on datasets. */
export type DatasetScene = {
  file(path: string, text: string): Promise<void>
  configure(config: Json): void
  /** Settles with the paths of what was written; rejects with why there is none. */
  run(): Promise<string[]>
  output(path: string): Promise<string | undefined>
}

/** A plugin of the map, over a folder of files. */
export type MapScene = {
  file(path: string, text: string): Promise<void>
  /** What the plugin's extensions show and warn of after a scan. */
  scan(): Promise<{ shown: Json; warnings: string[] }>
}

/** A remote plugin's own server. `host` asks with a token of the host, `stranger` without any. */
export type HttpScene = {
  send(
    who: 'host' | 'stranger',
    request: { method: string; path: string; body?: Json },
  ): Promise<{ status: number; body: Json }>
  /** How often the plugin asked the host for this path. */
  requests(path: string): number
}

/** A plugin as a scenario meets it: new, with nothing of a scenario before. Its lane says which parts there are. */
export type Scene = AsyncDisposable & {
  /** Has the plugin's code loaded, where opening the scene did not. Rejects when it cannot be. */
  load?: () => Promise<void>
  /** What the audit ledger holds of what was done with the plugin. */
  recorded: () => readonly AuditRecord[]
  /** Sets one of the plugin's settings. */
  set?: (setting: string, value: Json) => Promise<void>
  host?: HostScene
  dataset?: DatasetScene
  map?: MapScene
  http?: HttpScene
}

export type OpenScene = () => Promise<Scene>
