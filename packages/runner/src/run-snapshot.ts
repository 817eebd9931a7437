import { dirname, join } from 'node:path'
import { digestBytes } from '@tenon/bundle'
import {
  asTenonError,
  prettyJson,
  readJson,
  TenonError,
  type Description,
  type Digest,
  type Disk,
  type RunSnapshot,
  type World,
} from '@tenon/contract'
import { runSnapshotSchema, validatorOf } from '@tenon/contract/schema'
import { runRecordSchema, type RunRecord } from './run-record.ts'

const snapshots = validatorOf(runSnapshotSchema)
const records = validatorOf(runRecordSchema)

const runsFolder = (workspace: string): string => join(workspace, '.runs')
const snapshotPath = (workspace: string, runId: string): string => join(runsFolder(workspace), runId, 'ids.json')

/** Where the end of what a run printed is kept. */
export const logPathOf = (workspace: string, runId: string): string => join(runsFolder(workspace), runId, 'output.log')

/** What only who runs a plugin knows of a run. */
export type RunFacts = Pick<
  RunSnapshot,
  'run_id' | 'trace_id' | 'purpose' | 'level' | 'toolchain' | 'retention_days'
> & {
  manifest: Digest | null
  policySnapshot: Digest | null
}

/** The identities of a plugin and its operations, as they take part in a run. */
export const runSnapshot = (
  { id, publisher, uid, version, runtime, operations = [] }: Description,
  { manifest, policySnapshot, ...facts }: RunFacts,
  { now }: World,
): RunSnapshot => ({
  ...facts,
  created_at: new Date(now()).toISOString(),
  plugin: {
    id,
    publisher: publisher ?? null,
    uid: uid ?? null,
    version,
    kind: runtime.kind,
    manifest,
    policy_snapshot: policySnapshot,
  },
  operations: operations.map((operation) => ({ name: operation.name, uid: operation.uid ?? null })),
})

/** Keeps the snapshot of a run that has none yet, to be read only from then on, and gives its digest. */
export async function writeSnapshot(
  disk: Disk,
  workspace: string,
  snapshot: RunSnapshot,
): Promise<{ path: string; digest: Digest }> {
  const path = snapshotPath(workspace, snapshot.run_id)
  const bytes = Buffer.from(prettyJson(snapshot))
  try {
    await disk.makeFolder(dirname(path))
    await disk.writeNew(path, bytes, 0o444)
    await disk.flush(dirname(path))
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    const why = isThere ? 'it is there already, and a run has one snapshot' : asTenonError(cause).message
    throw new TenonError('RUN_RECORD_UNWRITABLE', `${path} cannot be written: ${why}`, { cause })
  }
  return { path, digest: digestBytes(bytes) }
}

/** The snapshots of a workspace's runs, newest first. What is none is left out. */
export async function listSnapshots(disk: Disk, workspace: string): Promise<RunSnapshot[]> {
  const names = (await disk.list(runsFolder(workspace))).toReversed()
  const found = await Promise.all(names.map((name) => readJsonFile(disk, snapshotPath(workspace, name))))
  return found.filter((one, index): one is RunSnapshot => snapshots.is(one) && one.run_id === names[index])
}

/**
 * The records of a workspace's dataset runs, newest first; a run whose record was removed or replaced is left out. One that
 * says it is running, and is not among those that live, was lost with the process that ran it.
 */
export async function listRuns(
  disk: Disk,
  workspace: string,
  isLive: (runId: string) => boolean,
): Promise<RunRecord[]> {
  const found: RunRecord[] = []
  for (const { record: path } of await listSnapshots(disk, workspace)) {
    const record = path === undefined ? undefined : await readJsonFile(disk, path)
    if (records.is(record)) found.push(isLost(record, isLive) ? { ...record, status: 'lost' } : record)
  }
  return found
}

/** Removes what policy no longer keeps: snapshots and logs, never outputs or records. Gives the runs that it removed. */
export async function pruneRuns(
  disk: Disk,
  workspace: string,
  { now, isLive }: { now: number; isLive(runId: string): boolean },
): Promise<string[]> {
  const over = (await listSnapshots(disk, workspace)).filter((one) => isOver(one, now) && !isLive(one.run_id))
  for (const { run_id } of over) await disk.remove(dirname(snapshotPath(workspace, run_id)))
  return over.map(({ run_id }) => run_id)
}

const DAY_MS = 24 * 3_600_000

const isOver = ({ created_at, retention_days }: RunSnapshot, now: number): boolean =>
  retention_days !== null && Date.parse(created_at) + retention_days * DAY_MS < now

const isLost = ({ status, run_id }: RunRecord, isLive: (runId: string) => boolean): boolean =>
  status === 'running' && !isLive(run_id)

/** A workspace may come from anywhere: what it points to is read only if it is a file, as a device has no end. */
async function readJsonFile(disk: Disk, path: string): Promise<unknown> {
  const bytes = (await disk.kind(path)) === 'file' ? await disk.read(path) : undefined
  return bytes === undefined ? undefined : readJson(Buffer.from(bytes).toString('utf8')).value
}
