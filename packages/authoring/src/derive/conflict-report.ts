import { join } from 'node:path'
import { writeAside } from '@tenon/bundle'
import { TenonError, type Disk, type PluginSpec } from '@tenon/contract'
import { CONFLICTS } from '../folder/plugin-folder.ts'
import type { Conflict } from './upgrade.ts'
import { TEMPLATE } from '../scaffold/skeletons.ts'

/** Writes down where author and template disagree, and throws DERIVE_CONFLICT. Nothing else of the plugin is touched. */
export async function refuseConflicts(
  disk: Disk,
  root: string,
  { id }: PluginSpec,
  conflicts: readonly Conflict[],
): Promise<never> {
  await writeAside(disk, join(root, CONFLICTS), reportText(id, conflicts))
  throw new TenonError(
    'DERIVE_CONFLICT',
    `${conflicts.length} file(s) of ${id} were edited where the template ${TEMPLATE} changes them; nothing was written`,
    {
      problems: conflicts.flatMap(({ path, hunks }) =>
        hunks.map(({ line }) => ({
          pointer: '',
          file: path,
          line,
          code: 'DERIVE_CONFLICT',
          message: 'was edited where the template changes it',
        })),
      ),
      hint: `See ${CONFLICTS}, take over what you like, then run "tenon plugin derive ${id} --resolved".`,
    },
  )
}

/** The files that the last report names: what its author has looked at. */
export async function reportedFiles(disk: Disk, root: string): Promise<string[]> {
  const bytes = await disk.read(join(root, CONFLICTS))
  if (bytes === undefined)
    throw new TenonError('USAGE', `there is no ${CONFLICTS} in ${root}, so nothing is to be resolved`, {
      hint: 'Derive without --resolved.',
    })
  return [
    ...Buffer.from(bytes)
      .toString('utf8')
      .matchAll(/^## (.+)$/gm),
  ].map(([, path = '']) => path)
}

const reportText = (id: string, conflicts: readonly Conflict[]): string =>
  [
    `# Where ${id} and the template ${TEMPLATE} disagree`,
    `Nothing was changed. These files are yours: take over what you like of what the template has now, then run\n"tenon plugin derive ${id} --resolved", which leaves them as they are and derives everything else.`,
    ...conflicts.map(({ path, hunks }) => [`## ${path}`, ...hunks.map(hunkText)].join('\n\n')),
    '',
  ]
    .join('\n\n')
    .trimEnd() + '\n'

const hunkText = ({ line, ours, base, theirs }: Conflict['hunks'][number]): string =>
  [
    `Line ${line}, as you have it:`,
    block(ours),
    'As the template had it:',
    block(base),
    'As it has it now:',
    block(theirs),
  ].join('\n\n')

/** Four spaces make any text one block, whatever it holds. */
const block = (lines: readonly string[]): string =>
  lines.length === 0 ? '    (nothing)' : lines.map((line) => `    ${line}`).join('\n')
