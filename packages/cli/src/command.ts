import { constants } from 'node:os'
import {
  buildCommand,
  numberParser,
  type Command,
  type FlagParametersForType,
  type CommandContext,
} from '@stricli/core'
import { asTenonError, ERRORS, type ErrorCode, type TenonError, type World } from '@tenon/contract'
import type { Io } from './io.ts'
import { printError, printResult } from './printer.ts'
import type { Result } from './result.ts'

/** What a command is called with. */
export type Cli = { io: Io; world: World }
export type CliContext = CommandContext & Cli & { exit: number | undefined }

/** What a command line of a command looks like. */
export type CommandShape<Flags extends object> = {
  brief: string
  /** A command line, without the binary, that shows it at work. */
  example: string
  flags?: FlagParametersForType<Flags, CliContext>
  /** Single letters for some of the flags. */
  aliases?: Readonly<Record<string, keyof Flags & string>>
  /** The words it takes; a name ending in `?` may be left out, one ending in `...`, the last, stands for any number. */
  args?: readonly string[]
}

export type Words = readonly (string | undefined)[]

export type CommandDefinition<Flags extends object, Args extends Words> = CommandShape<Flags> & {
  /** Exit statuses of its own for some errors. */
  exits?: Partial<Record<ErrorCode, number>>
  run(cli: Cli, flags: Flags & { json: boolean }, ...args: Args): Promise<Result>
}

const json = { kind: 'boolean', brief: 'Print JSON', default: false } as const

export function defineCommand<Flags extends object = object, Args extends Words = readonly []>({
  exits = {},
  run,
  ...shape
}: CommandDefinition<Flags, Args>): Command<CliContext> {
  return commandOf<Flags>(shape, async (cli, flags, args) => {
    try {
      const result = await run(cli, flags, ...(args as Args))
      printResult(cli.io, result, flags.json)
      return result.exit ?? 0
    } catch (thrown) {
      const error = asTenonError(thrown)
      printError(cli.io, error, flags.json)
      return stopStatus(cli.io, error) ?? exits[error.code] ?? ERRORS[error.code].exit
    }
  })
}

/** A command whose work tells its exit status. */
export function commandOf<Flags extends object>(
  { brief, example, flags, aliases = {}, args = [] }: CommandShape<Flags>,
  perform: (cli: Cli, flags: Flags & { json: boolean }, args: Words) => Promise<number>,
): Command<CliContext> {
  return buildCommand({
    docs: { brief, fullDescription: `${brief}\n\nFor example:\n  tenon ${example}` },
    parameters: { flags: { ...flags, json }, aliases, positional: positionalOf(args) } as never,
    async func(this: CliContext, given: never, ...words: never[]) {
      this.exit = await perform(this, given as Flags & { json: boolean }, words)
    },
  })
}

/** A command that was told to stop ends as a shell expects of one that a signal ended. */
export function stopStatus({ signal }: Io, { code }: TenonError): number | undefined {
  const name = signal.aborted && code === 'CALL_CANCELLED' ? String(signal.reason) : undefined
  const number = Object.entries(constants.signals).find(([known]) => known === name)?.[1]
  return number === undefined ? undefined : 128 + number
}

function positionalOf(names: readonly string[]): object {
  if (names.at(-1)?.endsWith('...') === true) return restOf(names)
  const parameters = names.map((name) =>
    name.endsWith('?') ? { ...word(name.slice(0, -1)), optional: true } : word(name),
  )
  return { kind: 'tuple', parameters }
}

/** Any number of words, of which the first ones have to be there. */
function restOf(names: readonly string[]): object {
  const bare = names.map((name) => name.replace('...', ''))
  return {
    kind: 'array',
    parameter: word(bare.join(' ')),
    minimum: names.length - 1,
  }
}

const word = (name: string): object => ({ brief: name, placeholder: name, parse: String })

export const textFlag = (brief: string) => ({ kind: 'parsed', parse: String, brief, optional: true }) as const
export const textsFlag = (brief: string) =>
  ({ kind: 'parsed', parse: String, brief, optional: true, variadic: true }) as const
export const switchFlag = (brief: string) => ({ kind: 'boolean', brief, default: false }) as const
export const numberFlag = (brief: string) => ({ kind: 'parsed', parse: numberParser, brief, optional: true }) as const
