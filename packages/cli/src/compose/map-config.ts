import { join } from 'node:path'
import type { Json, JsonObject, Problem } from '@tenon/contract'
import {
  leavesOf,
  readConfig,
  refuseProblems,
  sourceOf,
  valueAtPath,
  type ConfigLayerName,
  type ConfigPath,
  type ConfigPlaces,
  type LayeredConfig,
} from '@tenon/map'
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
  const layered = await readConfig(settingsPlaces(cli), { ...environmentOf(cli.world.env), ...override })
  if (strict) refuseProblems(layered)
  warnOf(cli, layered.problems)
  return layered
}

/** The folders whose settings count. */
export function settingsPlaces({ world, place }: SmCli): ConfigPlaces {
  const home = world.env['HOME'] ?? ''
  return {
    ...(home === '' ? {} : { user: join(home, '.skill-map') }),
    ...(place.scope === 'project' ? { project: place.folder } : {}),
  }
}

/** The layer that goes over what was just written, if one does. */
export async function overriding(cli: SmCli, path: ConfigPath, value: Json): Promise<ConfigLayerName | undefined> {
  const layered = await mapConfig({ ...cli, quiet: true })
  const [other] = leavesOf(value, path).flatMap(([at, leaf]) =>
    JSON.stringify(valueAtPath(layered.config, at)) === JSON.stringify(leaf) ? [] : [at],
  )
  return other && sourceOf(layered, other)
}

const environmentOf = (env: Readonly<Record<string, string | undefined>>): JsonObject =>
  env['SM_NO_UPDATE_CHECK'] === '1' ? { updateCheck: { enabled: false } } : {}

function warnOf({ io, quiet }: SmCli, problems: readonly Problem[]): void {
  if (quiet) return
  for (const problem of problems) printNote(io, `not taken: ${pointed(problem)}`)
}

const pointed = (problem: Problem): string =>
  `${problemLine(problem)}${problem.pointer === '' ? '' : ` (at ${problem.pointer})`}`
