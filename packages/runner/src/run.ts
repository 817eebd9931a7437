import { writeAside } from '@tenon/bundle'
import { runJob, type AvailableLevel, type JobReport } from '@tenon/sandbox'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
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
import { fingerprintOf } from './fingerprint.ts'
import { harvest, publish, refuseMissing, refuseTaken } from './outputs.ts'
import { pythonJson } from './python-json.ts'
import { refuseLinks, runFolders, type RunFolders } from './run-folders.ts'
import { logPathOf, runSnapshot, writeSnapshot, type RunFacts } from './run-snapshot.ts'
import type { RunRecord } from './run-record.ts'

export type RunOrder = {
  /** A ULID that no other run has. */
  runId: string
  /** The trace that it belongs to. */
  traceId: string
  description: Description
  manifestDigest: Digest | null
  policySnapshot: Digest | null
  /** For how many days policy keeps what is said of it in `.runs`; for good when null. */
  retentionDays: number | null
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
  /** The socket that leads outside, where that was granted. */
  egress?: string | undefined
}

export type RunPorts = {
  world: World
  disk: Disk
  audit: Audit
  stateDir: string
  /** What runs it, by name and version. */
  toolchain: Readonly<Record<string, string>>
  /** The workspace that lists the run, and whose own files stay protected whatever the run is given. */
  workspace: string
}

export type Run = { record: RunRecord; recordPath: string; logPath: string; target: string }

/** Where one run keeps what. */
type Places = { folders: RunFolders; target: string; recordPath: string; logPath: string; stage: string }

/**
 * One run of a plugin over a dataset: the dataset is read-only by the kernel, outputs are written aside and come to
 * `<out>/<publisher>/<id>` whole or not at all, and the record beside them says what happened, also after a crash.
 */
export async function runPlugin(ports: RunPorts, order: RunOrder): Promise<Run> {
  refuseConfig(order)
  const entryPoint = entryPointOf(order.description)
  const places = placesOf(ports, order, await runFolders(ports.disk, order))
  const { recordPath, logPath, target, stage, folders } = places
  await refuseLinks(ports.disk, [dirname(target), dirname(recordPath), dirname(dirname(logPath))])
  await refuseTaken(ports.disk, target)
  const begun = await begunRecord(ports, order, folders)
  await saveRecord(ports.disk, recordPath, begun)
  const snapshot = runSnapshot(order.description, factsOfRun(ports, order), ports.world)
  await writeSnapshot(ports.disk, ports.workspace, { ...snapshot, out: folders.out, record: recordPath })
  await note(ports, order, 'run.start', 'running')
  for (const lack of begun.degraded) await note(ports, order, 'run.degraded', lack)
  const record = await executed(ports, { ...order, entryPoint }, places, begun)
  await saveRecord(ports.disk, recordPath, record)
  await ports.disk.remove(join(stage, '..'))
  await note(ports, order, 'run.end', record.status)
  return { record, recordPath, logPath, target }
}

const factsOfRun = ({ toolchain }: RunPorts, order: RunOrder): RunFacts => ({
  ...{ run_id: order.runId, trace_id: order.traceId, purpose: 'dataset', level: order.level.level },
  ...{ toolchain: { ...toolchain }, retention_days: order.retentionDays },
  ...{ manifest: order.manifestDigest, policySnapshot: order.policySnapshot },
})

function placesOf({ workspace }: RunPorts, { runId, description }: RunOrder, folders: RunFolders): Places {
  const { publisher, id } = description
  return {
    folders,
    target: join(folders.out, publisher ?? '', id),
    recordPath: join(folders.out, '_runs', `${runId}.json`),
    logPath: logPathOf(workspace, runId),
    stage: join(folders.out, '_runs', runId, 'stage'),
  }
}

async function saveRecord(disk: Disk, path: string, record: RunRecord): Promise<void> {
  try {
    await writeAside(disk, path, prettyJson(record))
  } catch (cause) {
    const why = asTenonError(cause).message
    throw new TenonError('RUN_RECORD_UNWRITABLE', `the record ${path} cannot be written: ${why}`, { cause })
  }
}

function refuseConfig({ config, configSchema }: RunOrder): void {
  if (config === null || typeof config !== 'object' || Array.isArray(config))
    throw new TenonError('RUN_CONFIG_INVALID', 'the configuration must be an object')
  const problems = configSchema === undefined ? [] : foreignValidator(configSchema).problems(config)
  const [first] = problems
  if (first !== undefined)
    throw new TenonError(
      'RUN_CONFIG_INVALID',
      `the configuration breaks its schema at "${first.pointer}": ${first.message}`,
      { problems },
    )
}

function entryPointOf({ id, runtime }: Description): string {
  if (runtime.kind === 'python') return runtime.entryPoint
  throw new TenonError('RUN_CONFIG_INVALID', `"${id}" is of kind ${runtime.kind} and does not run on datasets`)
}

async function begunRecord({ world }: RunPorts, order: RunOrder, folders: RunFolders): Promise<RunRecord> {
  const at = new Date(world.now()).toISOString()
  const { id, publisher = null, runtime, version } = order.description
  return {
    run_id: order.runId,
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
    work_dir: folders.work,
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

type Program = RunOrder & { entryPoint: string }

/** Runs and publishes; the record says what came of it, whatever that was. */
async function executed(ports: RunPorts, order: Program, places: Places, begun: RunRecord): Promise<RunRecord> {
  let record = begun
  const ended = (facts: Partial<RunRecord>): RunRecord => ({
    ...record,
    ended_at: new Date(ports.world.now()).toISOString(),
    ...facts,
  })
  try {
    await ports.disk.makeFolder(places.stage)
    const throttled: string[] = []
    const job = await execute(ports, order, places, throttled)
    record = { ...record, ...factsOf(job) }
    for (const reason of throttled) await note(ports, order, 'run.throttled', reason)
    await writeAside(ports.disk, places.logPath, job.logTail)
    if (!job.completed) return ended({ status: order.signal.aborted ? 'cancelled' : 'failed' })
    const outputs = await harvest(places.stage)
    if (order.dryRun) return ended({ status: 'succeeded' })
    refuseMissing(order.description, outputs)
    await publish(ports.disk, places.stage, places.target)
    return ended({ status: 'succeeded', outputs })
  } catch (thrown) {
    const { code, message } = asTenonError(thrown)
    const isCancelled = order.signal.aborted && record.exit === null
    return ended({ status: isCancelled ? 'cancelled' : 'refused', failure: { exception: code, message } })
  }
}

function execute(
  { world, stateDir, workspace }: RunPorts,
  order: Program,
  places: Places,
  throttled: string[],
): Promise<JobReport> {
  const { folders, stage } = places
  const work = folders.work === null ? [] : [{ source: folders.work, target: '/work', readOnly: false }]
  return runJob({
    world,
    level: order.level,
    program: {
      entryPoint: order.entryPoint,
      sources: [join(order.code, 'src')],
      dataset: '/dataset',
      out: '/out',
      work: folders.work === null ? null : '/work',
      config: order.config,
      dryRun: order.dryRun,
    },
    mounts: [
      { source: folders.dataset, target: '/dataset', readOnly: true },
      { source: stage, target: '/out', readOnly: false },
      ...work,
    ],
    workspace,
    limits: order.description.resources ?? {},
    env: {},
    egress: order.egress,
    signal: order.signal,
    // The end of the log and what the level lacks are in the report and in the order, and kept from there.
    onLog: () => undefined,
    onDegraded: () => undefined,
    onThrottled: (message) => void throttled.push(message),
    stateDir,
  })
}

function factsOf({ exit, failure, usage }: JobReport): Pick<RunRecord, 'exit' | 'failure' | 'usage'> {
  const { code, signal, reason, message } = exit
  return {
    exit: { code, signal, reason, message },
    failure: failure === undefined ? null : { exception: failure.exception, message: failure.message },
    usage: { ...usage },
  }
}

const note = (
  { audit }: RunPorts,
  { runId, traceId, description, level }: RunOrder,
  action: string,
  reason: string,
): Promise<void> =>
  audit.record({
    actor: 'workspace',
    action,
    target: description.id,
    decision: reason === 'refused' ? 'deny' : 'allow',
    reason,
    traceId,
    details: { runId, level: level.level },
  })
