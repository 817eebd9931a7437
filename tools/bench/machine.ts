import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'

/** What a reader must know of the machine, with the versions of all that is measured or used. A missing one is an error. */
export function machine(): string[] {
  return [
    `Node ${process.version}, SQLite ${process.versions.sqlite}, ${versionOf('bwrap', '--version')}, ${type()} ${release()}`,
    `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB, load average ${load()}`,
  ]
}

const versionOf = (command: string, flag: string): string => execFileSync(command, [flag], { encoding: 'utf8' }).trim()

export const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(2))
    .join(' ')
