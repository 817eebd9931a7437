import { join } from 'node:path'
import type { JsonObject, Problem } from '@tenon/contract'
import { readConfig, refuseProblems, type LayeredConfig } from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'
import { printNote, problemLine } from '../printer.ts'

export type ConfigOptions = {
  /** Makes what is wrong in files an error. */
  strict?: boolean
  /** What the command line says. */
  override?: JsonObject
}

/** The configuration as a verb of `sm` finds it. What files say and is not taken is warned of. */
export async function mapConfig(
  cli: SmCli,
  { strict = false, override = {} }: ConfigOptions = {},
): Promise<LayeredConfig> {
  const { world, place } = cli
  const home = world.env['HOME'] ?? ''
  const places = {
    ...(home === '' ? {} : { user: join(home, '.skill-map') }),
    ...(place.scope === 'project' ? { project: place.folder } : {}),
  }
  const layered = await readConfig(places, { ...environmentOf(world.env), ...override })
  if (strict) refuseProblems(layered)
  warnOf(cli, layered.problems)
  return layered
}

const environmentOf = (env: Readonly<Record<string, string | undefined>>): JsonObject =>
  env['SM_NO_UPDATE_CHECK'] === '1' ? { updateCheck: { enabled: false } } : {}

function warnOf({ io, quiet }: SmCli, problems: readonly Problem[]): void {
  if (quiet) return
  for (const problem of problems) printNote(io, `not taken: ${pointed(problem)}`)
}

const pointed = (problem: Problem): string =>
  `${problemLine(problem)}${problem.pointer === '' ? '' : ` (at ${problem.pointer})`}`
