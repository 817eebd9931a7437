import { limits, TenonError } from '@tenon/contract'
import { Collector, type Enrichment } from './kernel/collector.ts'
import type { ScanEvent, Tell } from './kernel/events.ts'
import { gather } from './kernel/gather.ts'
import { openRegistry } from './kernel/registry.ts'
import type { ScanRequest } from './kernel/run-scan.ts'
import { settingsByPlugin } from './kernel/settings.ts'
import { NOTHING_BEFORE } from './kernel/snapshot.ts'
import { secondThread } from './thread/second-thread.ts'

/** Lets every extractor look at nodes again, and gives what they add to each. Throws NODE_UNKNOWN when there is no such file. */
export async function refreshNodes(
  { roots, world, extensions, options = {} }: ScanRequest,
  paths: readonly string[],
): Promise<Map<string, Enrichment[]>> {
  const { keys = [], kinds = [] } = options.disabled ?? {}
  const { settings: configured = {}, secrets = {}, ignore = [], maxFileBytes = limits.mapFileBytes } = options
  const tell: Tell = (type, data) => options.onEvent?.({ type, timestamp: world.now(), data } as ScanEvent)
  const registry = openRegistry(extensions, { keys, kinds }, options.providers)
  const collector = new Collector(tell)
  await using thread = secondThread(false)
  const { drafts } = await gather(roots, {
    ...{ world, registry, collector, tell, isHeeded: options.onEvent !== undefined, thread, inputs: {} },
    settings: settingsByPlugin(extensions, { configured, secrets, env: world.env }, tell),
    options: {
      tokens: false,
      strict: false,
      ignore,
      maxFileBytes,
      before: NOTHING_BEFORE,
      trust: 'nothing',
      only: new Set(paths),
    },
  })
  const gone = paths.find((path) => !drafts.has(path))
  if (gone !== undefined)
    throw new TenonError('NODE_UNKNOWN', `${gone} is gone, or no Provider claims it`, { hint: 'Run "sm scan".' })
  const found = Map.groupBy(collector.enrichments.values(), ({ nodePath }) => nodePath)
  return new Map(paths.map((path) => [path, found.get(path) ?? []]))
}
