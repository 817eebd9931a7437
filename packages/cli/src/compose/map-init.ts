import { join } from 'node:path'
import { nodeDisk, writeAside } from '@tenon/bundle'
import { TenonError } from '@tenon/contract'
import { LOCAL_SETTINGS_FILE, openMapStore, SETTINGS_FILE } from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'

type NewFile = { path: string; content: string; mode?: number }

/** What a map needs of files, as far as it is missing. */
export type InitPlan = { files: NewFile[]; database: string }

/** Throws FILE_EXISTS when there is a map already, unless it may be begun anew. */
export async function planInit({ place }: SmCli, force: boolean): Promise<InitPlan> {
  const settings = join(place.folder, SETTINGS_FILE)
  if (!force && (await nodeDisk.kind(settings)) !== undefined)
    throw new TenonError('FILE_EXISTS', `there is a map in ${place.folder}`, {
      hint: 'With --force its settings are written anew.',
    })
  const local = join(place.folder, LOCAL_SETTINGS_FILE)
  const files = [
    { path: settings, content: '{\n  "schemaVersion": 1\n}\n' },
    ...(await whereMissing({ path: local, content: '{}\n', mode: 0o600 })),
    ...(place.scope === 'global' ? [] : await projectFiles(place.root)),
  ]
  return { files, database: place.db }
}

export async function carryOut({ world }: SmCli, { files, database }: InitPlan): Promise<void> {
  for (const { path, content, mode } of files) await writeAside(nodeDisk, path, content, mode)
  openMapStore(database, world).close()
}

const projectFiles = async (root: string): Promise<NewFile[]> => [
  ...(await whereMissing({ path: join(root, '.skillmapignore'), content: IGNORE_TEXT })),
  ...(await gitIgnore(join(root, '.gitignore'))),
]

const IGNORE_TEXT = `# What no scan looks into, as gitignore rules, beside what none ever does
# (.git/, node_modules/, dist/, build/, out/, .cache/, *.log and the like). A rule
# that begins with "!" takes one back.
`

const GIT_IGNORED = ['.skill-map/settings.local.json', '.skill-map/skill-map.db']

const whereMissing = async (file: NewFile): Promise<NewFile[]> =>
  (await nodeDisk.kind(file.path)) === undefined ? [file] : []

/** Git keeps neither what is one person's own nor what a scan makes anew. */
async function gitIgnore(path: string): Promise<NewFile[]> {
  const held = Buffer.from((await nodeDisk.read(path)) ?? []).toString()
  const missing = GIT_IGNORED.filter((line) => !held.split(/\r?\n/).includes(line))
  if (missing.length === 0) return []
  return [{ path, content: `${held}${held === '' || held.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n` }]
}
