import { createHash, hash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { limits, TenonError, type World } from '@tenon/contract'
import type { CallWorker, WorkerFile } from '@tenon/map'
import type { PluginProcess } from '@tenon/sandbox'

/** Writes the files of a worker into a folder that is named by them, and is there whole or not at all. */
export function writeWorker(parent: string, files: readonly WorkerFile[], world: World): string {
  const folder = join(parent, digestOf(files))
  if (existsSync(folder)) return folder
  const aside = `${folder}.${world.newId()}`
  for (const { path, bytes } of files) {
    mkdirSync(dirname(join(aside, path)), { recursive: true })
    writeFileSync(join(aside, path), bytes)
  }
  try {
    renameSync(aside, folder)
  } catch (thrown) {
    // Another process may have been faster with the same.
    rmSync(aside, { recursive: true })
    if (!existsSync(folder)) throw thrown
  }
  return folder
}

function digestOf(files: readonly WorkerFile[]): string {
  const all = createHash('sha256')
  for (const { path, bytes } of files) all.update(`${JSON.stringify(path)} ${hash('sha256', bytes)}\n`)
  return all.digest('hex')
}

export type MapWorker = {
  call: CallWorker
  stop(): Promise<void>
  /** Ends the process, and starts none any more. */
  refuse(why: TenonError): Promise<void>
}

/** How often the process of a worker may end before nothing is asked of it any more. */
const ENDS_MAX = 8

/** A process that is started at first need, ended when it does not answer in time, and then started anew. */
export function mapWorker(world: World, start: () => Promise<PluginProcess>): MapWorker {
  let running: Promise<PluginProcess> | undefined
  let ends = 0
  let refusal: TenonError | undefined
  const end = async (): Promise<void> => {
    const ending = running
    running = undefined
    await (await ending?.catch(() => undefined))?.stop()
  }
  return {
    call: async (operation, input) => {
      if (refusal !== undefined) throw refusal
      if (ends >= ENDS_MAX) throw new TenonError('PLUGIN_CRASHED', `its process ended ${ends} times`)
      running ??= start()
      const deadlineMs = operation === 'describe' ? limits.mapPluginLoadMs : limits.mapCallMs
      try {
        return await (await running).call(operation, input, { traceId: world.newId(), deadlineMs })
      } catch (thrown) {
        // What it answers with may be an error of its own; all else has ended it, or has to.
        if (!(thrown instanceof TenonError && thrown.code === 'OPERATION_FAILED')) {
          ends += 1
          await end()
        }
        throw thrown
      }
    },
    stop: end,
    refuse: (why) => {
      refusal = why
      return end()
    },
  }
}
