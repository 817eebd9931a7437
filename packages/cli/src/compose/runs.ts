import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { nodeDisk } from '@tenon/bundle'
import { decodeUtf8, parseJson, TenonError, type Json } from '@tenon/contract'
import { validatorOf } from '@tenon/contract/schema'
import { runPlugin, runRecordSchema, type Run, type RunRecord } from '@tenon/runner'
import type { Locations } from './locations.ts'
import type { WorkspacePorts } from './workspace-ports.ts'

export type RunWish = { plugin: string; dataset: string; out: string; work?: string; config: Json; dryRun?: boolean }

/** Runs an installed plugin over a dataset. */
export async function startRun(ports: WorkspacePorts, wish: RunWish, signal: AbortSignal): Promise<Run> {
  const { world, locations, installations, levels, events } = ports
  const plugin = installations.get(wish.plugin)
  if (plugin === undefined)
    throw new TenonError('PLUGIN_UNKNOWN', `"${wish.plugin}" is not installed`, {
      hint: 'Run "tenon plugin install" first.',
    })
  const schemaPath = plugin.description.dataset?.config
  const schema = schemaPath === undefined ? undefined : plugin.file(schemaPath)
  if (wish.work !== undefined) mkdirSync(wish.work, { recursive: true })
  return runPlugin(
    { world, disk: nodeDisk, audit: events.ledger, stateDir: locations.state, runsFolder: runsFolder(locations) },
    {
      description: plugin.description,
      manifestDigest: plugin.manifestDigest,
      code: installations.folderOf(wish.plugin),
      level: await levels.choose(plugin.description.isolation?.requires ?? []),
      dataset: wish.dataset,
      out: wish.out,
      work: wish.work ?? null,
      config: wish.config,
      dryRun: wish.dryRun ?? false,
      configSchema:
        schema === undefined ? undefined : parseJson(decodeUtf8(schema, schemaPath ?? ''), schemaPath ?? ''),
      signal,
      onLog: () => undefined,
    },
  )
}

const runsFolder = ({ workspace }: Locations): string => join(workspace, '.runs')

const records = validatorOf(runRecordSchema)

/** The records of the workspace's runs, newest first, found by the pointers under `.runs/`. */
export async function listRuns(locations: Locations): Promise<RunRecord[]> {
  const folder = runsFolder(locations)
  const found: RunRecord[] = []
  for (const name of (await nodeDisk.list(folder)).toReversed()) {
    const pointer = await nodeDisk.read(join(folder, name, 'ids.json'))
    if (pointer === undefined) continue
    const { record } = JSON.parse(Buffer.from(pointer).toString('utf8')) as { record: string }
    const bytes = await nodeDisk.read(record)
    const value = bytes === undefined ? undefined : parseJson(decodeUtf8(bytes, record), record)
    if (records.is(value)) found.push(value)
  }
  return found
}
