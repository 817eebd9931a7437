import { writeAside } from '@tenon/bundle'
import type { AvailableLevel, JobReport } from '@tenon/sandbox'
import { runJob } from '@tenon/sandbox'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import {
  asTenonError,
  prettyJson,
  TenonError,
  type Audit,
  type Description,
  type Digest,
  type Disk,
  type Json,
  type World,
} from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import { fingerprintOf, runFolders } from './dataset.ts'
import { harvest, publish, refuseMissing } from './outputs.ts'
import { pythonJson } from './python-json.ts'
import type { RunRecord } from './run-record.ts'

export type RunOrder = {
  description: Description
  manifestDigest: Digest | null
  /** The folder with the plugin's verified files. */
  code: string
  level: AvailableLevel
  dataset: string
  out: string
  work: string | null
  config: Json
  dryRun: boolean
  /** The JSON Schema of the configuration, if the plugin has one. */
  configSchema: Json | undefined
  signal: AbortSignal
  onLog(text: string): void
}

export type RunPorts = { world: World; disk: Disk; audit: Audit; stateDir: string; runsFolder: string }

export type Run = { record: RunRecord; recordPath: string; target: string }

/**
 * One run of a plugin over a dataset: the dataset is read-only by the kernel, outputs are written aside and come to
 * `<out>/<id>` whole or not at all, and the record beside them says what happened, also after a crash.
 */
export async function runPlugin(ports: RunPorts, order: RunOrder): Promise<Run> {
  refuseConfig(order)
  refuseKind(order.description)
  await ports.disk.makeFolder(order.out)
  const folders = await runFolders(order.dataset, order.out)
  const target = join(
    folders.out,
    ...(order.description.publisher === undefined ? [] : [order.description.publisher]),
    order.description.id,
  )
  if ((await ports.disk.kind(target)) !== undefined)
    throw new TenonError('RUN_OUT_REFUSED', `${target} exists already`, { hint: 'Choose another --out, or remove it.' })
  const runId = ports.world.newId()
  const begun = await recordOf(ports, order, folders, runId)
  const recordPath = join(folders.out, '_runs', `${runId}.json`)
  const save = (record: RunRecord): Promise<void> => writeAside(ports.disk, recordPath, prettyJson(record))
  await save(begun)
  await writeAside(
    ports.disk,
    join(ports.runsFolder, runId, 'ids.json'),
    prettyJson({ run_id: runId, plugin: begun.plugin, out: folders.out, record: recordPath }),
  )
  await note(ports, order, runId, 'run.start', 'running')
  const record = await finish(ports, order, folders, { begun, target })
  await save(record)
  await note(ports, order, runId, 'run.end', record.status)
  return { record, recordPath, target }
}

function refuseConfig({ config, configSchema }: RunOrder): void {
  if (config === null || typeof config !== 'object' || Array.isArray(config))
    throw new TenonError('RUN_CONFIG_INVALID', 'the configuration must be an object')
  const problems = configSchema === undefined ? [] : foreignValidator(configSchema).problems(config)
  if (problems.length > 0)
    throw new TenonError(
      'RUN_CONFIG_INVALID',
      `the configuration breaks its schema at "${problems[0]?.pointer ?? ''}": ${problems[0]?.message ?? ''}`,
      { problems },
    )
}

function refuseKind({ id, runtime }: Description): void {
  if (runtime.kind !== 'python')
    throw new TenonError('RUN_CONFIG_INVALID', `"${id}" is of kind ${runtime.kind} and does not run on datasets`)
}

type Folders = { dataset: string; out: string }

async function recordOf({ world }: RunPorts, order: RunOrder, folders: Folders, runId: string): Promise<RunRecord> {
  const at = new Date(world.now()).toISOString()
  const { id, publisher = null, runtime, version } = order.description
  return {
    run_id: runId,
    status: 'running',
    created_at: at,
    started_at: at,
    ended_at: null,
    plugin: { id, publisher, kind: runtime.kind, version, manifest: order.manifestDigest },
    backend: 'sandbox',
    level: order.level.level,
    degraded: [...order.level.degraded],
    dataset_dir: folders.dataset,
    out_dir: folders.out,
    work_dir: order.work,
    dry_run: order.dryRun,
    config: order.config,
    config_hash_sha256: createHash('sha256').update(pythonJson(order.config)).digest('hex'),
    inputs: await fingerprintOf(folders.dataset),
    outputs: [],
    exit: null,
    failure: null,
    usage: null,
  }
}

/** Runs and publishes; whatever goes wrong, the stage is gone afterwards and the record says what it was. */
async function finish(
  ports: RunPorts,
  order: RunOrder,
  folders: Folders,
  { begun, target }: { begun: RunRecord; target: string },
): Promise<RunRecord> {
  const stage = join(folders.out, '_runs', begun.run_id, 'stage')
  const home = join(stage, '..')
  try {
    await ports.disk.makeFolder(stage)
    const job = await execute(ports, order, folders, stage)
    const ended = endedRecord(ports.world, begun, job)
    if (!job.completed) return { ...ended, status: order.signal.aborted ? 'cancelled' : 'failed' }
    const outputs = await harvest(stage)
    if (order.dryRun) return { ...ended, status: 'succeeded' }
    refuseMissing(order.description, outputs)
    await ports.disk.makeFolder(join(target, '..'))
    await publish(stage, target)
    return { ...ended, status: 'succeeded', outputs }
  } catch (thrown) {
    const { code, message } = asTenonError(thrown)
    return {
      ...begun,
      status: 'refused',
      ended_at: new Date(ports.world.now()).toISOString(),
      failure: { exception: code, message },
    }
  } finally {
    await ports.disk.remove(home)
  }
}

function execute({ world, stateDir }: RunPorts, order: RunOrder, folders: Folders, stage: string): Promise<JobReport> {
  const { runtime, resources } = order.description
  const work = order.work === null ? [] : [{ source: order.work, target: '/work', readOnly: false }]
  return runJob({
    world,
    level: order.level,
    program: {
      entryPoint: runtime.kind === 'python' ? runtime.entryPoint : '',
      sources: [join(order.code, 'src')],
      dataset: '/dataset',
      out: '/out',
      work: order.work === null ? null : '/work',
      config: order.config,
      dryRun: order.dryRun,
    },
    mounts: [
      { source: folders.dataset, target: '/dataset', readOnly: true },
      { source: stage, target: '/out', readOnly: false },
      ...work,
    ],
    workspace: undefined,
    limits: resources ?? {},
    env: {},
    signal: order.signal,
    onLog: (_stream, text) => order.onLog(text),
    onDegraded: () => undefined,
    stateDir,
  })
}

function endedRecord(world: World, begun: RunRecord, job: JobReport): RunRecord {
  const { code, signal, reason, message } = job.exit
  return {
    ...begun,
    ended_at: new Date(world.now()).toISOString(),
    exit: { code, signal, reason, message },
    failure: job.failure === undefined ? null : { exception: job.failure.exception, message: job.failure.message },
    usage: { ...job.usage },
  }
}

const note = (
  { audit, world }: RunPorts,
  { description, level }: RunOrder,
  runId: string,
  action: string,
  status: string,
): Promise<void> =>
  audit.record({
    actor: 'workspace',
    action,
    target: description.id,
    decision: status === 'refused' ? 'deny' : 'allow',
    reason: status,
    traceId: world.newId(),
    details: { runId, status, level: level.level },
  })
