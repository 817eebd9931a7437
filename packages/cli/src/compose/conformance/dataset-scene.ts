import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Candidate, DatasetScene, Ground } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import { parseJson, TenonError, type Audit, type Json } from '@tenon/contract'
import type { InstalledPlugin } from '@tenon/host'
import { runPlugin, type RunRecord } from '@tenon/runner'
import { toolchain } from '../run-facts.ts'

type Ports = Ground & { folder: string; audit: Audit }

/** A dataset that a scenario fills, and runs of the plugin over it, each with outputs of its own. */
export async function datasetScene(
  { folder: { root } }: Candidate,
  plugin: InstalledPlugin,
  ports: Ports,
): Promise<DatasetScene> {
  const at = (name: string): string => join(ports.folder, name)
  for (const name of ['dataset', 'workspace']) await mkdir(at(name), { recursive: true })
  let config: Json = {}
  let target = ''
  const run = async (): Promise<string[]> => {
    const runId = ports.world.newId()
    const done = await runPlugin(
      { ...ports, disk: nodeDisk, workspace: at('workspace'), toolchain },
      {
        ...{ runId, traceId: runId, policySnapshot: null, retentionDays: null },
        ...{ description: plugin.description, manifestDigest: plugin.manifestDigest, code: root },
        ...{ level: ports.level, dataset: at('dataset'), out: at(join('out', runId)), work: null },
        ...{ config, dryRun: false, configSchema: configSchemaOf(plugin), signal: ports.signal },
      },
    )
    target = done.target
    refuseFailed(done.record)
    return done.record.outputs.map(({ path }) => path)
  }
  return {
    run,
    file: (path, text) => writeBelow(at('dataset'), path, text),
    configure: (given) => void (config = given),
    output: async (path) => (await nodeDisk.read(join(target, path)).catch(() => undefined))?.toString(),
  }
}

export async function writeBelow(folder: string, path: string, text: string): Promise<void> {
  const file = join(folder, path)
  if (!file.startsWith(`${folder}/`)) throw new TenonError('INPUT_INVALID', `${path} lies outside`)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

function refuseFailed({ status, failure, exit }: RunRecord): void {
  if (status === 'succeeded') return
  const pluginCode = failure?.exception ?? exit?.reason
  throw new TenonError('RUN_PLUGIN_FAILED', failure?.message ?? exit?.message ?? status, { details: { pluginCode } })
}

function configSchemaOf({ description: { dataset }, file }: InstalledPlugin): Json | undefined {
  const path = dataset?.config
  const bytes = path === undefined ? undefined : file(path)
  return path === undefined || bytes === undefined ? undefined : parseJson(Buffer.from(bytes).toString(), path)
}
