import type { Command } from '@stricli/core'
import { TenonError } from '@tenon/contract'
import { textFlag, type CliContext } from '../../command.ts'
import { columns, jsonText } from '../../printer.ts'
import { version } from '../../version.ts'
import { smCommand } from './sm-command.ts'
import type { FlagDoc, VerbDoc } from './verb-docs.ts'

/** Tells every verb and its flags, as the definitions of the verbs have them. */
export const mapHelp = (verbs: () => readonly VerbDoc[]): Command<CliContext> =>
  smCommand<{ format?: string }, string[]>({
    brief: 'Tell the verbs with their flags, for people, as Markdown or as JSON',
    example: 'map help scan --format md',
    flags: { format: textFlag('human, md or json (default: human)') },
    args: ['verb...'],
    timed: false,
    async run(_, { format = 'human' }, ...words) {
      const { SCANNED_BY } = await import('@tenon/map')
      const all = verbs()
      const common = commonFlags(all)
      const own = (flags: readonly FlagDoc[]) => flags.filter(({ name }) => !common.some((flag) => flag.name === name))
      const help: Help = {
        cliVersion: version,
        specVersion: SCANNED_BY.specVersion,
        globalFlags: common,
        verbs: asked(all, words.join(' ')).map((verb) => ({ ...verb, flags: own(verb.flags) })),
      }
      return { data: help, text: textIn(format, help, words.length > 0) }
    },
  })

type Help = { cliVersion: string; specVersion: string; globalFlags: FlagDoc[]; verbs: VerbDoc[] }

/** The flags that every verb has. */
const commonFlags = (verbs: readonly VerbDoc[]): FlagDoc[] =>
  verbs
    .slice(0, 1)
    .flatMap(({ flags }) => flags)
    .filter((flag) => verbs.every(({ flags }) => flags.some(({ name }) => name === flag.name)))

function asked(verbs: readonly VerbDoc[], name: string): VerbDoc[] {
  const found = verbs.filter((verb) => name === '' || verb.name === name || verb.name.startsWith(`${name} `))
  if (found.length > 0) return found
  throw new TenonError('VERB_UNKNOWN', `there is no verb "${name}"`, { hint: 'All of them: sm help' })
}

function textIn(format: string, help: Help, inFull: boolean): string {
  if (format === 'json') return jsonText(help, 2)
  if (format === 'md') return markdown(help)
  if (format === 'human') return inFull ? details(help) : overview(help)
  throw new TenonError('USAGE', `--format cannot be "${format}"`, { hint: 'It is one of: human, md, json.' })
}

const usage = ({ name, arguments: words }: VerbDoc): string => ['sm', name, ...words].join(' ')

const flagName = ({ name, aliases, type }: FlagDoc): string =>
  [...aliases.map((letter) => `-${letter}`), `--${name}${type === 'number' || type === 'string' ? ' VALUE' : ''}`].join(
    ' ',
  )

const flagRows = (flags: readonly FlagDoc[]): string[][] => flags.map((flag) => [flagName(flag), flag.description])

const byCategory = (verbs: readonly VerbDoc[]): [string, VerbDoc[]][] => [
  ...Map.groupBy(verbs, ({ category }) => category),
]

const overview = ({ verbs, globalFlags }: Help): string =>
  [
    ...byCategory(verbs).map(([category, some]) =>
      columns(
        [category.toUpperCase(), ''],
        some.map((verb) => [usage(verb), verb.description]),
      ),
    ),
    globalTable(globalFlags),
  ].join('\n\n')

const details = ({ verbs, globalFlags }: Help): string =>
  [
    ...verbs.flatMap((verb) => [
      `${usage(verb)}\n${verb.description}`,
      ...(verb.flags.length === 0 ? [] : [columns(['FLAG', ''], flagRows(verb.flags))]),
    ]),
    globalTable(globalFlags),
  ].join('\n\n')

const globalTable = (flags: readonly FlagDoc[]): string => columns(['WITH EVERY VERB', ''], flagRows(flags))

const markdown = ({ cliVersion, specVersion, verbs, globalFlags }: Help): string =>
  [
    `# sm ${cliVersion}`,
    `Specification ${specVersion}. With every verb:`,
    flagList(globalFlags),
    ...byCategory(verbs).flatMap(([category, some]) => [`## ${category}`, ...some.map(verbSection)]),
  ].join('\n\n')

const verbSection = (verb: VerbDoc): string =>
  [`### \`${usage(verb)}\``, `${verb.description}.`, ...(verb.flags.length === 0 ? [] : [flagList(verb.flags)])].join(
    '\n\n',
  )

const flagList = (flags: readonly FlagDoc[]): string =>
  flags.map((flag) => `- \`${flagName(flag)}\`: ${flag.description}`).join('\n')
