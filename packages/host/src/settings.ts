import { canonicalJson, inTurnEach, TenonError, type Audit, type Json } from '@tenon/contract'
import type { Configuration, ConfigurationChange, ConfigurationView, Storage } from '@tenon/storage'
import { recordingFailure, recordingRefusal, type By } from './audited.ts'
import { openConfiguration } from './configuration.ts'
import { publishAsHost, type HostEventPorts } from './host-events.ts'
import { knownPlugin } from './known-plugin.ts'
import type { PluginTable } from './plugin-table.ts'
import type { Running } from './running.ts'

/** What came of a change for the plugin: it was told, it starts anew at next need, or there was nobody to tell. */
export type Reception = 'told' | 'restarting' | 'not running' | 'unchanged'

export type SettingsChange = {
  settings: Readonly<Record<string, Json>>
  /** Where they are to hold; everywhere without one. */
  environment: string | undefined
  why: string
}

/** The settings of plugins, as operators see and change them. Secrets are shown to nobody. */
export type PluginSettings = {
  /** As they are in an environment: that of this host, unless another is named. */
  view(id: string, environment?: string): Promise<ConfigurationView>
  /** What the plugin itself is given here, secrets included. */
  ofPlugin(id: string): Promise<Record<string, Json>>
  /** Those of them that are set here, in whatever way, and not the defaults. */
  chosenFor(id: string): Promise<Record<string, Json>>
  history(id: string): Promise<ConfigurationChange[]>
  /** Changes settings, tells the plugin, when it runs and they are others for it, and publishes that they changed. */
  change(id: string, change: SettingsChange, by: By): Promise<{ version: number; plugin: Reception }>
}

export type SettingsPorts = HostEventPorts & {
  table: PluginTable
  audit: Audit
  storage: Storage
  running: Running
  /** The named environment in which this host runs, if any. */
  environment: string | undefined
}

export function settingsOf(ports: SettingsPorts): PluginSettings {
  const { table, storage, environment } = ports
  const turns = inTurnEach()
  const configOf = (id: string, where = environment): Configuration =>
    openConfiguration(storage, knownPlugin(table, id).description, where)
  return {
    view: async (id, where) => configOf(id, where).read(),
    ofPlugin: async (id) => configOf(id).forPlugin(),
    chosenFor: async (id) => configOf(id).chosen(),
    history: async (id) => configOf(id).history(),
    change: (id, wanted, by) => turns(id, () => change(ports, () => configOf(id), id, wanted, by)),
  }
}

function change(
  ports: SettingsPorts,
  open: () => Configuration,
  id: string,
  { settings, environment, why }: SettingsChange,
  by: By,
): Promise<{ version: number; plugin: Reception }> {
  const details = { settings: Object.keys(settings), ...(environment === undefined ? {} : { environment }) }
  const attempt = { ...by, action: 'config.change', target: id, details }
  return recordingRefusal(
    ports.audit,
    () => attempt,
    async () => {
      const config = open()
      await config.check(settings)
      await ports.audit.record({ ...attempt, decision: 'allow', reason: why })
      const before = await given(config)
      const { version } = await config.set(settings, { who: by.actor, why }, environment)
      const plugin = await tell(ports, id, { before, after: await given(config) }, by)
      await publishAsHost(ports, 'host.config.changed', { plugin: id, ...details, version, who: by.actor }, by.traceId)
      return { version, plugin }
    },
  )
}

type Values = Record<string, Json> | undefined

/** What the plugin is given, or undefined while it is given nothing, for what is stored is not allowed. */
async function given(config: Configuration): Promise<Values> {
  try {
    return await config.forPlugin()
  } catch (thrown) {
    if (thrown instanceof TenonError && thrown.code === 'CONFIG_INVALID') return undefined
    throw thrown
  }
}

/** A plugin that cannot take its new settings while it runs is stopped, and starts with them. */
async function tell(
  { running, audit }: SettingsPorts,
  id: string,
  { before, after }: { before: Values; after: Values },
  by: By,
): Promise<Reception> {
  const run = await running.started(id)
  if (run === undefined) return 'not running'
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return 'unchanged'
  const attempt = { ...by, action: 'config.tell', target: id }
  const telling = async (): Promise<void> => {
    if (before === undefined || after === undefined) throw new TenonError('CONFIG_INVALID', `"${id}" was given nothing`)
    await run.process.configure(after, before)
    await audit.record({ ...attempt, decision: 'allow', reason: 'told' })
  }
  const isTold = await recordingFailure(audit, () => attempt, telling).then(
    () => true,
    () => false,
  )
  if (!isTold) await running.stop(id)
  return isTold ? 'told' : 'restarting'
}
