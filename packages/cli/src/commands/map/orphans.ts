import { TenonError } from '@tenon/contract'
import type { MapStore } from '@tenon/map'
import { switchFlag, textFlag } from '../../command.ts'
import { columns } from '../../printer.ts'
import { requireAgreement } from './agreed.ts'
import { keptParts } from './kept-scan.ts'
import { smCommand, type SmCli } from './sm-command.ts'
import { verbWithParts } from './verb-with-parts.ts'

const list = smCommand<{ kind?: string }>({
  brief: 'List nodes that are gone of which something is kept, and those that were taken for others',
  example: 'map orphans --kind orphan',
  flags: { kind: textFlag('Only these: orphan, medium or ambiguous') },
  async run(cli, { kind }) {
    const { orphanIssues, ORPHAN_RULES } = await import('@tenon/map')
    const kinds = Object.keys(ORPHAN_RULES)
    if (kind !== undefined && !kinds.includes(kind))
      throw new TenonError('USAGE', `"${kind}" is no kind of orphan`, { hint: `The kinds are ${kinds.join(', ')}.` })
    const wanted = kind === undefined ? undefined : ORPHAN_RULES[kind as keyof typeof ORPHAN_RULES]
    const { issues } = await keptParts(cli, 'issues')
    const found = orphanIssues(issues).filter(({ ruleId }) => wanted === undefined || ruleId === wanted)
    const rows = found.map(({ ruleId, nodeIds, message }) => [ruleId, nodeIds.join(' '), message])
    return { data: found, text: rows.length === 0 ? 'no orphans' : columns(['RULE', 'NODE', 'WHAT'], rows) }
  },
})

const reconcile = smCommand<{ to: string; dryRun: boolean }, [string]>({
  brief: 'Take what is kept about an orphan to a node that is there',
  example: 'map orphans reconcile old.md --to new.md',
  flags: {
    to: { kind: 'parsed', parse: String, brief: 'The node that it is now' },
    dryRun: switchFlag('Change nothing'),
  },
  aliases: { n: 'dryRun' },
  args: ['orphan'],
  async run(cli, { to, dryRun }, from) {
    await settled(cli, (store) => store.reconcileOrphan(from, to, { dryRun }))
    return { data: { from, to, dryRun }, text: `${from} is ${to} now${dryRun ? ' (tried only)' : ''}` }
  },
})

const undo = smCommand<{ from?: string; force: boolean; dryRun: boolean }, [string]>({
  brief: 'Take what is kept about a node back to the path that it was taken for',
  example: 'map orphans undo-rename new.md',
  flags: {
    from: textFlag('That path, where it can have been several'),
    force: switchFlag('Do not ask'),
    dryRun: switchFlag('Change nothing'),
  },
  aliases: { n: 'dryRun' },
  args: ['node'],
  async run(cli, { from, force, dryRun }, to) {
    if (!dryRun) await requireAgreement(cli, force, `what is kept about ${to} would go back`, '--force')
    const meant = from === undefined ? {} : { from }
    const former = await settled(cli, (store) => store.undoRename(to, { ...meant, dryRun }))
    const text = `what is kept about ${to} is ${former}'s again${dryRun ? ' (tried only)' : ''}`
    return { data: { from: former, to, dryRun }, text }
  },
})

/** Does something to the map that is kept. */
async function settled<T>(cli: SmCli, work: (store: MapStore) => T): Promise<T> {
  const { requireMap } = await import('@tenon/map')
  const { openMap } = await import('../../compose/open-map.ts')
  requireMap(cli.place.db)
  using store = await openMap(cli)
  return work(store)
}

export const mapOrphans = verbWithParts(list, { reconcile, undoRename: undo })
