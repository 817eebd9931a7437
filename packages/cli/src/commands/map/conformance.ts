import { buildRouteMap } from '@stricli/core'
import type { CaseReport } from '@tenon/map'
import { textFlag } from '../../command.ts'
import { inline, problemLine } from '../../printer.ts'
import { smCommand } from './sm-command.ts'

const run = smCommand<{ scope?: string }, [folder?: string]>({
  brief: 'Play the cases of a conformance suite, this program’s own or those of a folder',
  example: 'map conformance run --scope spec',
  flags: { scope: textFlag('spec, provider:<id> or all (default: all)') },
  args: ['dir?'],
  async run(cli, { scope = 'all' }, folder) {
    const began = cli.world.monotonic()
    const { playSuite } = await import('../../compose/map-conformance.ts')
    const { suite, cases } = await playSuite(cli, { scope, ...(folder === undefined ? {} : { folder }) })
    const failed = cases.filter(({ passed }) => !passed)
    const counts = { total: cases.length, passed: cases.length - failed.length, failed: failed.length }
    const elapsedMs = Math.round(cli.world.monotonic() - began)
    const lines = [...cases.flatMap(linesOf), `${counts.passed} of ${counts.total} cases passed`]
    return {
      data: { suite, scope, counts, cases, elapsedMs },
      text: lines.join('\n'),
      exit: failed.length === 0 ? 0 : 1,
    }
  },
})

/** A case in one line, and below it what it is not. */
const linesOf = ({ id, scope, passed, problems, outcomes }: CaseReport): string[] => [
  `${passed ? 'ok    ' : 'FAILED'} ${scope} ${id}`,
  ...problems.map((problem) => `         ${problemLine(problem)}`),
  ...outcomes
    .filter((outcome) => !outcome.passed)
    .map(({ type, expected, came }) => inline(`         ${type}: expected ${expected}, came ${came}`)),
]

export const mapConformance = buildRouteMap({
  routes: { run },
  docs: { brief: 'Whether a program does what skill-map specifies' },
})
