import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { nodeDisk } from '@tenon/bundle'
import { decodeUtf8, parseJson, TenonError, type Json, type RunSnapshot } from '@tenon/contract'
import type { Admissions, Host, InstalledPlugin } from '@tenon/host'
import type { Level } from '@tenon/sandbox'
import { listRuns, listSnapshots, pruneRuns, runPlugin, type Run, type RunRecord } from '@tenon/runner'
import type { PluginInFolder } from './installations.ts'
import type { Locations } from './locations.ts'
import { installedPolicy, toolchain } from './run-facts.ts'
import type { WorkspacePorts } from './workspace-ports.ts'

export type RunWish = {
  plugin: string
  dataset: string
  out: string
  work: string | null
  config: Json
  dryRun: boolean
  isolation?: Level
}

/** The dataset runs of a workspace. */
export type Runs = {
  start(wish: RunWish, signal: AbortSignal): Promise<Run>
  /** The records, newest first. */
  list(): Promise<RunRecord[]>
  /** What took part in each run of a plugin, newest first. */
  snapshots(): Promise<RunSnapshot[]>
  /** Removes what is kept of runs longer than policy says, and gives their ids. */
  prune(): Promise<string[]>
  /** Cancels what runs, and settles when all of it has ended. */
  close(): Promise<void>
}

/** The code of a run, as it was verified, for as long as it takes. */
const runCodeFolder = ({ state }: Locations): string => join(state, 'run-code')

export type RunsPorts = Pick<WorkspacePorts, 'world' | 'locations' | 'installations' | 'levels' | 'events'> & {
  /** Aborted when this process is told to end, which its runs do not outlast. */
  signal: AbortSignal
  admit: Admissions['admit']
  tunnel: Host['tunnel']
}

/** Only the process that owns a workspace runs anything over it, so it knows which runs live. */
export function runsOf(ports: RunsPorts): Runs {
  // What a killed process left.
  rmSync(runCodeFolder(ports.locations), { recursive: true, force: true })
  const live = new Map<string, Promise<Run>>()
  const isLive = (runId: string): boolean => live.has(runId)
  const closing = new AbortController()
  return {
    start: (wish, signal) => {
      const runId = ports.world.newId()
      const run = startRun(ports, runId, wish, AbortSignal.any([signal, ports.signal, closing.signal]))
      live.set(runId, run)
      return run.finally(() => live.delete(runId))
    },
    list: () => listRuns(nodeDisk, ports.locations.workspace, isLive),
    snapshots: () => listSnapshots(nodeDisk, ports.locations.workspace),
    prune: () => pruneRuns(nodeDisk, ports.locations.workspace, { now: ports.world.now(), isLive }),
    close: async () => {
      closing.abort(new TenonError('CALL_CANCELLED', 'the host is closing'))
      await Promise.allSettled(live.values())
    },
  }
}

async function startRun(
  { world, locations, installations, levels, events, admit, tunnel }: RunsPorts,
  runId: string,
  { plugin: id, isolation, ...wish }: RunWish,
  signal: AbortSignal,
): Promise<Run> {
  const ending = new AbortController()
  using admission = await admit(id, async (why) => ending.abort(why))
  const plugin = installations.installed(id)
  const { description, manifestDigest } = plugin
  await using out = new AsyncDisposableStack()
  const way = out.adopt(await tunnel(plugin), (one) => one?.close())
  await using code = await codeOf(plugin, join(runCodeFolder(locations), runId))
  return await runPlugin(
    {
      ...{ world, disk: nodeDisk, audit: events.ledger },
      ...{ stateDir: locations.state, workspace: locations.workspace, toolchain },
    },
    {
      ...{ ...wish, runId, traceId: world.newId(), description, manifestDigest },
      ...installedPolicy(plugin),
      signal: AbortSignal.any([signal, ending.signal]),
      code: code.folder,
      egress: way?.socket,
      level: await levels.choose(description.isolation?.requires ?? [], {
        vouched: admission.vouched,
        requested: isolation,
      }),
      configSchema: configSchemaOf(plugin),
    },
  )
}

/** Nobody but this host has reached these files: what was verified is what runs, whatever becomes of the store meanwhile. */
async function codeOf({ files }: PluginInFolder, folder: string): Promise<{ folder: string } & AsyncDisposable> {
  for (const { path, bytes } of files) {
    await nodeDisk.makeFolder(dirname(join(folder, path)))
    await nodeDisk.write(join(folder, path), bytes, 0o444)
  }
  return { folder, [Symbol.asyncDispose]: () => nodeDisk.remove(folder) }
}

function configSchemaOf({ description: { dataset }, file }: InstalledPlugin): Json | undefined {
  const path = dataset?.config
  const bytes = path === undefined ? undefined : file(path)
  return path === undefined || bytes === undefined ? undefined : parseJson(decodeUtf8(bytes, path), path)
}
