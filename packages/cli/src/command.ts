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

export type CommandDefinition<Flags extends object, Args extends readonly (string | undefined)[]> = {
  brief: string
  /** A command line, without the binary, that shows it at work. */
  example: string
  flags?: FlagParametersForType<Flags, CliContext>
  /** The words it takes; a name ending in `?` may be left out, one ending in `...` stands for any number. */
  args?: readonly string[]
  /** Exit statuses of its own for some errors. */
  exits?: Partial<Record<ErrorCode, number>>
  run(cli: Cli, flags: Flags & { json: boolean }, ...args: Args): Promise<Result>
}

const json = { kind: 'boolean', brief: 'Print JSON', default: false } as const

export function defineCommand<
  Flags extends object = object,
  Args extends readonly (string | undefined)[] = readonly [],
>(definition: CommandDefinition<Flags, Args>): Command<CliContext> {
  const { brief, example, flags, args, exits = {}, run } = definition
  return buildCommand({
    docs: { brief, fullDescription: `${brief}\n\nFor example:\n  tenon ${example}` },
    parameters: { flags: { ...flags, json }, positional: positionalOf(args ?? []) } as never,
    async func(this: CliContext, given: never, ...words: never[]) {
      const chosen = given as Flags & { json: boolean }
      try {
        const result = await run(this, chosen, ...(words as unknown as Args))
        printResult(this.io, result, chosen.json)
        this.exit = result.exit ?? 0
      } catch (thrown) {
        const error = asTenonError(thrown)
        printError(this.io, error, chosen.json)
        this.exit = stopStatus(this.io, error) ?? exits[error.code] ?? ERRORS[error.code].exit
      }
    },
  })
}

/** A command that was told to stop ends as a shell expects of one that a signal ended. */
function stopStatus({ signal }: Io, { code }: TenonError): number | undefined {
  const name = signal.aborted && code === 'CALL_CANCELLED' ? String(signal.reason) : undefined
  const number = Object.entries(constants.signals).find(([known]) => known === name)?.[1]
  return number === undefined ? undefined : 128 + number
}

function positionalOf(names: readonly string[]): object {
  const [rest] = names.filter((name) => name.endsWith('...'))
  if (rest !== undefined) return { kind: 'array', parameter: word(rest.slice(0, -3)) }
  const parameters = names.map((name) =>
    name.endsWith('?') ? { ...word(name.slice(0, -1)), optional: true } : word(name),
  )
  return { kind: 'tuple', parameters }
}

const word = (name: string): object => ({ brief: name, placeholder: name, parse: String })

export const textFlag = (brief: string) => ({ kind: 'parsed', parse: String, brief, optional: true }) as const
export const textsFlag = (brief: string) =>
  ({ kind: 'parsed', parse: String, brief, optional: true, variadic: true }) as const
export const switchFlag = (brief: string) => ({ kind: 'boolean', brief, default: false }) as const
export const numberFlag = (brief: string) => ({ kind: 'parsed', parse: numberParser, brief, optional: true }) as const
