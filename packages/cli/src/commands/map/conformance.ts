import { buildRouteMap } from '@stricli/core'
import type { CaseReport } from '@tenon/map'
import { textFlag } from '../../command.ts'
import { inline, printLine, problemLine } from '../../printer.ts'
import { smCommand } from './sm-command.ts'

const run = smCommand<{ scope?: string }, [folder?: string]>({
  brief: 'Play the cases of a conformance suite, this program’s own or those of a folder',
  example: 'map conformance run --scope spec',
  flags: { scope: textFlag('spec, provider:<id> or all (default: all)') },
  args: ['dir?'],
  async run(cli, { scope = 'all', json }, folder) {
    const began = cli.world.monotonic()
    const { playSuite, suiteFolder } = await import('../../compose/map-conformance.ts')
    const suite = suiteFolder(cli.world, folder)
    const cases: CaseReport[] = []
    for await (const report of playSuite(cli, suite, scope)) {
      cases.push(report)
      if (!json) for (const line of linesOf(report)) printLine(cli.io, line)
    }
    const failed = cases.filter(({ passed }) => !passed).length
    const counts = { total: cases.length, passed: cases.length - failed, failed }
    const elapsedMs = Math.round(cli.world.monotonic() - began)
    const text = `${counts.passed} of ${counts.total} cases passed`
    return { data: { suite, scope, counts, cases, elapsedMs }, text, exit: failed === 0 ? 0 : 1 }
  },
})

/** A case in one line, and below it what it is not. */
const linesOf = ({ id, scope, passed, problems, outcomes }: CaseReport): string[] => [
  inline(`${passed ? 'ok    ' : 'FAILED'} ${scope} ${id}`),
  ...problems.map((problem) => `         ${problemLine(problem)}`),
  ...outcomes
    .filter((outcome) => !outcome.passed)
    .map(({ type, expected, came }) => inline(`         ${type}: expected ${expected}, came ${came}`)),
]

export const mapConformance = buildRouteMap({
  routes: { run },
  docs: { brief: 'Whether a program does what skill-map specifies' },
})
