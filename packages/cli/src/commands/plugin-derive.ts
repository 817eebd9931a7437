import type { World } from '@tenon/contract'
import { defineCommand, switchFlag } from '../command.ts'
import { problemLine } from '../printer.ts'
import type { Result } from '../result.ts'
import { pluginFolder } from './plugin-folder.ts'

export const pluginDerive = defineCommand<{ check: boolean; adopt: boolean; resolved: boolean }, [string?]>({
  brief: 'Write every file that the spec implies',
  example: 'plugin derive plugins/id-mint --check',
  flags: {
    check: switchFlag('Write nothing; show what differs, and fail when anything does'),
    adopt: switchFlag('Move what was written into fences behind them, where it may stay'),
    resolved: switchFlag('Leave the files of .derive-conflicts.md as they are, and go on'),
  },
  args: ['folder?'],
  async run({ world }, { check, ...options }, named) {
    if (check) return checkDerived(world, named)
    const { deriveFolder, policiesFor } = await import('@tenon/authoring')
    const { nodeDisk } = await import('@tenon/bundle')
    const root = pluginFolder(world, named)
    const { written, moved } = await deriveFolder(nodeDisk, root, await policiesFor(nodeDisk, root), options)
    const lines = [
      ...moved.map(
        ({ file, from, line, lines: { length } }) => `moved ${length} line(s) from "${from}" to ${file}:${line}`,
      ),
      ...written.map((path) => `derived ${path}`),
    ]
    return { data: { root, written, moved }, text: lines.length === 0 ? 'nothing to derive' : lines.join('\n') }
  },
})

async function checkDerived(world: World, named: string | undefined): Promise<Result> {
  const { driftDiffs, driftOf, isAdoptable, policiesFor, readPluginFolder, requirePolicies, requireSpec } =
    await import('@tenon/authoring')
  const { nodeDisk } = await import('@tenon/bundle')
  const root = pluginFolder(world, named)
  const folder = await readPluginFolder(nodeDisk, root)
  const spec = requireSpec(folder)
  const policies = await requirePolicies(nodeDisk, await policiesFor(nodeDisk, root))
  const problems = driftOf(spec, policies, folder)
  if (problems.length === 0) return { data: { root, problems }, text: 'derived files are what the spec implies' }
  const isDrift = problems.every(({ code }) => code === 'DERIVED_DRIFT')
  const diffs = isDrift ? driftDiffs(spec, policies, folder) : []
  const command = `tenon plugin derive${named === undefined ? '' : ` ${shellWord(named)}`}`
  const mend = isDrift ? [command] : isAdoptable(spec, folder) ? [`${command} --adopt`] : []
  const shown = isDrift ? diffs.map(({ diff }) => diff) : problems.map(problemLine)
  return { data: { root, problems, diffs, mend: mend[0] }, text: [...shown, ...mend].join('\n'), exit: 1 }
}

const shellWord = (word: string): string =>
  /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
