import { buildRouteMap, type Command, type RouteMap } from '@stricli/core'
import { TenonError } from '@tenon/contract'
import { switchFlag, textFlag, type CliContext } from '../../command.ts'
import { smCommand } from './sm-command.ts'

type Words = { switches?: readonly string[]; values?: readonly string[] }

/** A verb of skill-map that says that it is not built, whatever its own flags say. */
const notBuilt = (verb: string, words: Words = {}): Command<CliContext> =>
  smCommand({
    brief: 'Not built yet',
    example: `map ${verb}`,
    flags: flagsOf(words),
    args: ['word...'],
    run: () => {
      throw verbNotBuilt(verb)
    },
  })

export const verbNotBuilt = (verb: string): TenonError =>
  new TenonError('VERB_NOT_BUILT', `"sm ${verb}" is not built yet`, { hint: 'The verbs that are built: sm help' })

/** Nobody reads them, so they need no type. */
const flagsOf = ({ switches = [], values = [] }: Words): never =>
  Object.fromEntries([
    ...switches.map((name) => [name, switchFlag('Not built yet')] as const),
    ...values.map((name) => [name, textFlag('Not built yet')] as const),
  ]) as never

/** What skill-map names and is not here: models and their jobs, and its own server. */
export const NOT_BUILT: Record<string, Command<CliContext> | RouteMap<CliContext>> = {
  findings: notBuilt('findings', { values: ['kind', 'since', 'threshold'] }),
  job: buildRouteMap({
    routes: {
      submit: notBuilt('job submit', { switches: ['all', 'run', 'force'], values: ['ttl', 'priority'] }),
      list: notBuilt('job list', { values: ['status', 'action', 'node'] }),
      show: notBuilt('job show'),
      preview: notBuilt('job preview'),
      claim: notBuilt('job claim'),
      run: notBuilt('job run', { switches: ['all'], values: ['max'] }),
      status: notBuilt('job status'),
      cancel: notBuilt('job cancel'),
      prune: notBuilt('job prune', { switches: ['orphanFiles', 'dryRun'] }),
    },
    docs: { brief: 'Not built yet' },
  }),
  record: notBuilt('record', {
    values: ['id', 'nonce', 'status', 'report', 'tokensIn', 'tokensOut', 'durationMs', 'model', 'error'],
  }),
  serve: notBuilt('serve', {
    switches: ['open', 'devCors', 'noUi', 'noWatcher', 'noPlugins', 'noBuiltIns'],
    values: ['port', 'host', 'scope'],
  }),
}
