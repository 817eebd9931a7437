import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { PluginFile } from '@tenon/bundle'
import type { Problem } from '@tenon/contract'
import type { JobOrder, JobReport } from '@tenon/sandbox'
import { runOn, type Ground } from './ground.ts'
import { boundedText } from './bounded-text.ts'
import { shownOf, type Candidate } from './scene.ts'

/** A program of ours that reads code files of a plugin: how it is called, and what it sees beside the plugin's folder. */
export type SourceTool = Pick<JobOrder, 'program'> & { sees: readonly string[] }

/** A folder of its own for the settings of a tool, which is gone afterwards. */
export async function toolRoom(): Promise<{ path: string } & AsyncDisposable> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'tenon-tool-')))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A compiler waits for each file in a thread of its own, as many at once as the disk is slow. */
const ROOM = { memoryMb: 1_024, processes: 1_024, wallMs: 120_000 }

/** Code of a plugin is read in the sandbox, too: a hostile type can take any time and all memory. Paths are those of outside. */
export async function runTool(
  candidate: Candidate,
  ground: Ground,
  { program, sees }: SourceTool,
): Promise<{ job: JobReport; printed: string }> {
  const output = new PassThrough()
  const printed = boundedText(output)
  const job = await runOn(ground, {
    program,
    mounts: [
      ...shownOf(candidate, candidate.folder.root),
      ...sees.map((path) => ({ source: path, target: path, readOnly: true })),
    ],
    limits: ROOM,
    streams: { stdin: 'ignore', stdout: output, stderr: output },
  })
  output.end()
  return { job, printed: await printed }
}

/** A tool that did not get to say what it was to say, which code that it reads can bring about. */
export const brokenOff = (code: string, { exit }: JobReport, printed: string): Problem => ({
  ...{ pointer: '', file: 'src', code, message: `its code could not be read to the end: ${exit.message}` },
  hint: printed.trim().split('\n').slice(-4).join(' | ').slice(-400),
})

/** The part below a folder of a path that a tool printed, from wherever it stood; the path itself if it leads elsewhere. */
export function fileBelow(folder: string, path: string): string {
  const end = `${basename(dirname(folder))}/${basename(folder)}/`
  const at = path.indexOf(end)
  return at < 0 ? path : path.slice(at + end.length)
}

export const sourcesOf = ({ folder }: Candidate, kinds: RegExp): PluginFile[] =>
  folder.files.filter(({ path }) => kinds.test(path))
