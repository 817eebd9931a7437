import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { limits, type World } from '@tenon/contract'
import { runSuite, type CaseReport, type RunSm, type SmEnd } from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'
import { conformanceFolder, smBinary } from '../surroundings.ts'

/** The folder of the suite that is meant: the one that is named, or else our own. */
export const suiteFolder = ({ cwd }: World, named: string | undefined): string =>
  named === undefined ? conformanceFolder : resolve(cwd, named)

/** Plays the cases of a suite on this very program, each in processes of its own. */
export const playSuite = ({ io, world }: SmCli, folder: string, scope: string): AsyncGenerator<CaseReport> =>
  runSuite({ folder, scope, world, runSm: smProcess(world.env['PATH'] ?? ''), signal: io.signal })

/** Runs `sm` with no more of the environment than where programs are. */
const smProcess =
  (path: string): RunSm =>
  ({ argv, cwd, env, signal }) =>
    new Promise<SmEnd>((settle, fail) => {
      const surroundings = { ...env, PATH: path }
      const how = { cwd, signal, env: surroundings, maxBuffer: limits.mapAnswerChars, killSignal: 'SIGKILL' as const }
      const child = execFile(process.execPath, [smBinary, ...argv], how, (error, stdout, stderr) => {
        if (error === null) settle({ exit: 0, stdout, stderr })
        else if (typeof error.code === 'number') settle({ exit: error.code, stdout, stderr })
        else fail(error)
      })
      child.stdin?.end()
    })
