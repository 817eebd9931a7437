import { join } from 'node:path'
import { writeAside } from '@tenon/bundle'
import { prettyJson, readJson, type Disk } from '@tenon/contract'
import { closed, validatorOf } from '@tenon/contract/schema'
import Type, { type Static } from 'typebox'
import { runRecordSchema, type RunRecord } from './run-record.ts'

/** `.runs/<RUN_ID>/ids.json` of a workspace: which run it was, and where its record is. */
const pointerSchema = closed({
  run_id: Type.String(),
  plugin: Type.String(),
  out: Type.String(),
  record: Type.String(),
})
export type RunPointer = Static<typeof pointerSchema>

const pointers = validatorOf(pointerSchema)
const records = validatorOf(runRecordSchema)

const runsFolder = (workspace: string): string => join(workspace, '.runs')

/** Where the end of what a run printed is kept. */
export const logPathOf = (workspace: string, runId: string): string => join(runsFolder(workspace), runId, 'output.log')

export const savePointer = (disk: Disk, workspace: string, pointer: RunPointer): Promise<void> =>
  writeAside(disk, join(runsFolder(workspace), pointer.run_id, 'ids.json'), prettyJson(pointer))

/**
 * The records of a workspace's runs, newest first; a run whose record was removed or replaced is left out. One that
 * says it is running, and is not among those that live, was lost with the process that ran it.
 */
export async function listRuns(
  disk: Disk,
  workspace: string,
  isLive: (runId: string) => boolean,
): Promise<RunRecord[]> {
  const found: RunRecord[] = []
  for (const name of (await disk.list(runsFolder(workspace))).toReversed()) {
    const pointer = await readJsonFile(disk, join(runsFolder(workspace), name, 'ids.json'))
    const record = pointers.is(pointer) ? await readJsonFile(disk, pointer.record) : undefined
    if (records.is(record)) found.push(isLost(record, isLive) ? { ...record, status: 'lost' } : record)
  }
  return found
}

const isLost = ({ status, run_id }: RunRecord, isLive: (runId: string) => boolean): boolean =>
  status === 'running' && !isLive(run_id)

/** A workspace may come from anywhere: what it points to is read only if it is a file, as a device has no end. */
async function readJsonFile(disk: Disk, path: string): Promise<unknown> {
  const bytes = (await disk.kind(path)) === 'file' ? await disk.read(path) : undefined
  return bytes === undefined ? undefined : readJson(Buffer.from(bytes).toString('utf8')).value
}
