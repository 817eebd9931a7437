import type { Command } from '@stricli/core'
import { asTenonError, type ErrorCode, type TenonError } from '@tenon/contract'
import {
  commandOf,
  stopStatus,
  switchFlag,
  textFlag,
  type Cli,
  type CliContext,
  type CommandShape,
  type Words,
} from '../../command.ts'
import { homeOf } from '../../compose/locations.ts'
import { printingTeller, type MapGround } from '../../compose/map-ground.ts'
import { printError, printResult } from '../../printer.ts'
import type { Result } from '../../result.ts'
import { mapPlace } from './place.ts'

/** What every verb of `sm` is called with: where its map is kept, and how much it is to say. */
export type SmCli = Cli & MapGround & { verbosity: number; quiet: boolean }

type GlobalFlags = { global: boolean; db?: string; verbose: number; quiet: boolean; noColor: boolean }

export type SmDefinition<Flags extends object, Args extends Words> = CommandShape<Flags> & {
  /** False for verbs that only tell something: they do not say how long they took. */
  timed?: false
  run(cli: SmCli, flags: Flags & { json: boolean }, ...args: Args): Promise<Result>
}

const GLOBAL_FLAGS = {
  global: switchFlag('Work on the map of the home folder'),
  db: textFlag('The database (default: .skill-map/skill-map.db)'),
  verbose: { kind: 'counter', brief: 'Say more' },
  quiet: switchFlag('Say nothing but the result'),
  noColor: switchFlag('Print without colours, as is always done'),
} as const

/** A verb of `sm`: with the flags that all of them have, and the exit statuses and the error document of skill-map. */
export function smCommand<Flags extends object = object, Args extends Words = readonly []>({
  run,
  timed,
  ...shape
}: SmDefinition<Flags, Args>): Command<CliContext> {
  const aliases = { g: 'global', q: 'quiet', v: 'verbose', ...shape.aliases }
  const flags = { ...GLOBAL_FLAGS, ...shape.flags }
  return commandOf<Flags & GlobalFlags>({ ...shape, flags, aliases } as never, async ({ io, world }, given, args) => {
    const began = world.monotonic()
    const json = given.json || world.env['SKILL_MAP_JSON'] === '1'
    const told = async (): Promise<number> => {
      try {
        const { verbose: verbosity, quiet } = given
        const place = mapPlace(world, given)
        const ground = { world, place, home: homeOf(world), switchesDb: place.db, tell: printingTeller(io, quiet) }
        const cli = { io, ...ground, verbosity, quiet }
        const result = await run(cli, { ...given, json }, ...(args as Args))
        printResult(io, result, json)
        return result.exit ?? 0
      } catch (thrown) {
        const error = asTenonError(thrown)
        if (json) printResult(io, { data: errorDocument(error), text: '' }, true)
        else printError(io, error, false)
        return stopStatus(io, error) ?? exitOf(error)
      }
    }
    const exit = await told()
    if (timed !== false && !given.quiet) io.err(`done in ${elapsed(world.monotonic() - began)}\n`)
    return exit
  })
}

/** What cannot be found ends with 5, all else that goes wrong with 2. */
const exitOf = ({ code }: TenonError): number => (code.endsWith('_UNKNOWN') && !NOT_SOUGHT.includes(code) ? 5 : 2)

/** A map that was never made, a format that nobody writes and a program that is not installed are not "not found". */
const NOT_SOUGHT: readonly ErrorCode[] = ['SCAN_UNKNOWN', 'FORMAT_UNKNOWN', 'COMMAND_UNKNOWN']

const errorDocument = ({ code, message, hint, problems, details }: TenonError): object => ({
  ok: false,
  error: {
    code,
    message,
    details: { ...details, ...(hint === undefined ? {} : { hint }), ...(problems.length === 0 ? {} : { problems }) },
  },
})

function elapsed(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)}s`
  const seconds = Math.floor(ms / 1_000)
  return `${Math.floor(seconds / 60)}m ${seconds % 60}s`
}
