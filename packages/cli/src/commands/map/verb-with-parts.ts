import { buildRouteMap, type Command, type RouteMap } from '@stricli/core'
import type { CliContext } from '../../command.ts'

/**
 * A verb that takes words of its own and has verbs below it. A route map with a default command would swallow the name
 * of that command as a word, and its help would not tell its flags.
 */
export function verbWithParts(
  verb: Command<CliContext>,
  parts: Record<string, Command<CliContext>>,
): RouteMap<CliContext> {
  const below = buildRouteMap({ routes: parts, docs: { brief: verb.brief } })
  return {
    ...below,
    getDefaultCommand: () => verb,
    formatUsageLine: (args) => verb.formatUsageLine(args),
    formatHelp: (args) => [verb.formatHelp(args), commandsOf(below.formatHelp(args))].join('\n'),
  }
}

const commandsOf = (help: string): string => help.slice(help.indexOf('COMMANDS\n'))
