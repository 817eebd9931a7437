import type { Candidate, HostScene, Published, Scene } from '@tenon/authoring'
import { limits, readJson, type Audit, type AuditRecord, type Json } from '@tenon/contract'
import { answeringPlugin, type InMemoryInstallations } from './in-memory-installations.ts'
import { TRIER, type TrialHost } from './trial-host.ts'

/** What a scenario does with a plugin that answers calls, on a host of its own. */
export function hostScene(
  { spec }: Candidate,
  trial: TrialHost,
  installations: InMemoryInstallations,
): Pick<Required<Scene>, 'host' | 'set' | 'recorded'> {
  const { bus, audit, storage } = trial
  const { world } = trial.host
  const { id } = spec
  const neighbours = new Map<string, Record<string, Json>>()
  const kv = storage.kv(id, {
    quotaBytes: (spec.storage?.quotaMb ?? limits.kvQuotaMbDefault) * 1_048_576,
    problems: () => [],
  })
  const host: HostScene = {
    call: (operation, input) =>
      trial.host.call({
        ...{ caller: CALLER, target: id, operation, input },
        ...{ traceId: world.newId(), signal: new AbortController().signal },
      }),
    grant: (capability) => installations.grant(id, capability),
    deny: (capability) => installations.deny(id, capability),
    store: (key, value) => kv.set(key, value),
    stored: (key) => kv.get(key),
    published: () => bus.tail({ limit: limits.eventPageMax }).flatMap(({ event }) => publishedBy(id, event)),
    neighbour: async (plugin, operation, answer) => {
      const answers = { ...neighbours.get(plugin), [operation]: answer }
      neighbours.set(plugin, answers)
      installations.put(answeringPlugin(plugin, answers))
      await trial.host.syncInstalled(TRIER)
      if (trial.host.table.get(plugin)?.status !== 'active') await trial.host.enable(plugin, TRIER)
    },
    memoryMb: () => {
      const usage = trial.host.running.now(id)?.process.usage()
      return usage === undefined ? undefined : usage.maxRssBytes / 1_048_576
    },
    callsOf: (plugin, operation) =>
      audit.search({
        ...{ actor: `plugin:${id}`, action: 'operator.call', target: `${plugin}/${operation}` },
        ...{ limit: 1, offset: 0 },
      }).total,
  }
  const set: Required<Scene>['set'] = async (setting, value) => {
    const change = { settings: { [setting]: value }, environment: undefined, why: 'a scenario' }
    await trial.host.settings.change(id, change, TRIER)
  }
  return { host, set, recorded: () => recordsIn(audit) }
}

/** Everything that was recorded on the host of one scenario. */
export const recordsIn = (audit: Audit): AuditRecord[] => audit.search({ limit: limits.auditPageMax, offset: 0 }).items

const CALLER = { kind: 'admin', name: 'conformance', traits: ['admin'] } as const

function publishedBy(
  id: string,
  { source, type, payload }: { source: string; type: string; payload: unknown },
): Published[] {
  const { value } = readJson(JSON.stringify(payload))
  return source === id && value !== undefined ? [{ type, payload: value }] : []
}
