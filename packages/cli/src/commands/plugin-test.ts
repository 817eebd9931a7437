import { defineCommand, textFlag } from '../command.ts'
import type { GateResult, TestReport } from '../compose/test-plugin.ts'
import { problemLine } from '../printer.ts'
import { isolationFlag } from './isolation-flag.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { pluginFolder } from './plugin-folder.ts'

export const pluginTest = defineCommand<LocationFlags & { only?: string; isolation?: string }, [string?]>({
  brief: 'Check types and run the tests, scenarios, fixtures and budgets of a plugin in the sandbox',
  example: 'plugin test plugins/id-mint --only behavior',
  flags: {
    ...locationFlags,
    only: textFlag('types, lint, unit, behavior, fixtures or perf: that gate alone'),
    isolation: isolationFlag,
  },
  args: ['folder?'],
  async run(cli, flags, named) {
    const { testPlugin } = await import('../compose/test-plugin.ts')
    const report = await testPlugin(cli, pluginFolder(cli.world, named), flags)
    return { data: report, text: textOf(report), exit: EXITS[report.verdict] }
  },
})

const EXITS = { pass: 0, fail: 1, inconclusive: 4, idle: 0 }

const textOf = ({ gates, run, level, snapshot }: TestReport): string =>
  [...gates.flatMap(linesOf), `run ${run} at level ${level}, ${snapshot.path}`].join('\n')

const MARKS = { pass: 'ok  ', fail: 'FAIL', inconclusive: '?   ', idle: 'none' }

const linesOf = ({ gate, verdict, checked, notes, problems, ms }: GateResult): string[] => [
  `${MARKS[verdict]} ${gate} (${checked} checked, ${(ms / 1_000).toFixed(1)} s)`,
  ...notes.map((note) => `     ${note}`),
  ...problems.map((problem) => `     ${problem.code} ${problemLine(problem)}`),
]
