import { numberParser, type Command, type RouteMap } from '@stricli/core'
import type { CliContext } from '../../command.ts'

/** What a verb takes, read from its definition. */
export type VerbDoc = {
  /** As it is called, such as `scan compare-with`. */
  name: string
  category: string
  description: string
  arguments: string[]
  flags: FlagDoc[]
}

export type FlagDoc = {
  name: string
  aliases: string[]
  type: 'boolean' | 'count' | 'number' | 'string'
  description: string
  required: boolean
}

/** What the command line itself adds to every verb. */
const HELP_FLAG: FlagDoc = {
  ...{ name: 'help', aliases: ['h'], type: 'boolean' },
  ...{ description: 'Print help information and exit', required: false },
}

export type Verb = Command<CliContext> | RouteMap<CliContext>

/** The verb, and those below it. */
export function verbDocs(name: string, category: string, verb: Verb): VerbDoc[] {
  if (!('getAllEntries' in verb)) return [commandDoc(name, category, verb)]
  const own = verb.getDefaultCommand()
  const below = verb.getAllEntries().filter(({ hidden }) => !hidden)
  return [
    ...(own === undefined ? [] : [commandDoc(name, category, own)]),
    ...below.flatMap((entry) => verbDocs(`${name} ${entry.name['convert-camel-to-kebab']}`, category, entry.target)),
  ]
}

function commandDoc(name: string, category: string, { brief, parameters }: Command<CliContext>): VerbDoc {
  const { flags = {}, aliases = {}, positional } = parameters
  return {
    ...{ name, category, description: brief, arguments: wordsOf(positional) },
    flags: [...Object.entries(flags).map(([flag, shape]) => flagDoc(flag, shape, aliases)), HELP_FLAG],
  }
}

/** A command names all of its words in one placeholder when the last stands for any number. */
function wordsOf(positional: Command<CliContext>['parameters']['positional']): string[] {
  if (positional?.kind !== 'array')
    return (positional?.parameters ?? []).map(({ placeholder, optional }) =>
      optional === true ? `[<${placeholder}>]` : `<${placeholder}>`,
    )
  const words = (positional.parameter.placeholder ?? '').split(' ')
  return words.map((word, index) => (index === words.length - 1 ? `[<${word}>...]` : `<${word}>`))
}

type Flags = NonNullable<Command<CliContext>['parameters']['flags']>
type Aliases = Readonly<Record<string, string | undefined>>

const flagDoc = (flag: string, shape: Flags[string], aliases: Aliases): FlagDoc => ({
  name: kebab(flag),
  aliases: Object.keys(aliases).filter((letter) => aliases[letter] === flag),
  type: typeOf(shape),
  description: shape.brief,
  required: shape.kind === 'parsed' && shape.optional !== true,
})

function typeOf(shape: Flags[string]): FlagDoc['type'] {
  if (shape.kind === 'boolean') return 'boolean'
  if (shape.kind === 'counter') return 'count'
  return 'parse' in shape && shape.parse === numberParser ? 'number' : 'string'
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
