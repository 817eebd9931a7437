import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Config } from '../config/config-schema.ts'
import { settingProblems } from '../config/setting-problems.ts'
import { switchKeys, type KnownPlugin } from '../plugins/known-plugins.ts'
import type { Finding } from './finding.ts'
import { hasPathBelow } from './path-below.ts'

export type Surroundings = {
  config: Config
  /** The folder of the map. */
  root: string
  home: string | undefined
}

/** Whether a plugin is as it should be: it takes part, or somebody switched it off. */
export const isWell = ({ status }: KnownPlugin): boolean => status === 'enabled' || status === 'disabled'

/** What is amiss with plugins, and with what the configuration says of them. */
export const examinePlugins = (plugins: readonly KnownPlugin[], around: Surroundings): Finding[] => [
  ...plugins.filter((plugin) => !isWell(plugin)).map(faultOf),
  ...plugins.flatMap((plugin) => explorationFindings(plugin, around)),
  ...kindFindings(plugins),
  ...switchFindings(plugins, around.config),
  ...plugins.flatMap(({ id, settings }) =>
    settingProblems(around.config, id, settings).map((problem) => ({
      ...({ check: 'settings', level: 'warning' } as const),
      message: `${id}: ${problem}`,
    })),
  ),
]

const faultOf = ({ id, status, reason = '' }: KnownPlugin): Finding => ({
  ...{ check: 'plugins', level: 'warning' },
  message: `plugin ${id}: ${status} — ${reason}`,
})

/** A Provider may be there before what it is for. */
const explorationFindings = ({ status, extensions }: KnownPlugin, around: Surroundings): Finding[] =>
  extensions.flatMap(({ key, manifest, enabled }) => {
    if (manifest.kind !== 'provider' || !enabled || status !== 'enabled') return []
    const { explorationDir, roots = [] } = manifest
    const folder = folderOf(explorationDir, around)
    const lacks = [
      ...(folder !== undefined && existsSync(folder)
        ? []
        : [`looks into ${folder ?? explorationDir}, which is not there`]),
      ...(roots.length === 0 || hasPathBelow(around.root, roots)
        ? []
        : [`is for ${roots.join(' and ')}, and nothing in ${around.root} has such a path`]),
    ]
    return lacks.map((lack) => ({ check: 'exploration', level: 'note', message: `${key} ${lack}` }))
  })

/** Undefined for what would lie in a home folder, where there is none. */
function folderOf(path: string, { root, home = '' }: Surroundings): string | undefined {
  if (path !== '~' && !path.startsWith('~/')) return resolve(root, path)
  return home === '' ? undefined : join(home, path.slice(1))
}

/** A kind may come with a Provider that is not installed. */
function kindFindings(plugins: readonly KnownPlugin[]): Finding[] {
  const extensions = plugins.flatMap((plugin) => plugin.extensions)
  const kinds = new Set(
    extensions.flatMap(({ manifest }) => (manifest.kind === 'provider' ? Object.keys(manifest.kinds) : [])),
  )
  return extensions.flatMap(({ key, manifest }) =>
    (manifest.kind === 'extractor' ? (manifest.applicableKinds ?? []) : [])
      .filter((kind) => !kinds.has(kind))
      .map((kind) => ({
        check: 'plugins',
        level: 'note',
        message: `${key} is for nodes of kind "${kind}", which no Provider has`,
      })),
  )
}

function switchFindings(plugins: readonly KnownPlugin[], config: Config): Finding[] {
  const keys = new Set(plugins.flatMap(switchKeys))
  return Object.entries(config.plugins).flatMap(([key, { enabled }]) =>
    enabled === undefined || keys.has(key)
      ? []
      : [{ check: 'settings', level: 'note', message: `plugins.${key}.enabled switches nothing that is here` }],
  )
}
