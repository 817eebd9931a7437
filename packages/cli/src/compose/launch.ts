import { decide, parseCapability, TenonError, type Capability, type World } from '@tenon/contract'
import type { Launch } from '@tenon/host'
import {
  chooseLevel,
  levelProbe,
  startPlugin,
  type AvailableLevel,
  type Guarantee,
  type Level,
  type LevelProbe,
  type Standby,
} from '@tenon/sandbox'
import type { Locations } from './locations.ts'
import { fileMounts } from './mounts.ts'

export type Levels = {
  reportOf: LevelProbe
  /** For code that a verified signer vouches for, or does not. */
  choose(
    required: readonly Guarantee[],
    wish: { vouched: boolean; requested?: Level | undefined },
  ): Promise<AvailableLevel>
}

/** Probes each level of the machine once, at first need. Where no level is asked for, `usual` is; without it, the strongest. */
export function machineLevels(world: World, usual?: Level): Levels {
  const reportOf = levelProbe(world)
  const choose: Levels['choose'] = (required, { vouched, requested = usual }) =>
    chooseLevel(reportOf, { required, signed: vouched, ...(requested === undefined ? {} : { requested }) })
  return { reportOf, choose }
}

export type LaunchPorts = {
  world: World
  levels: Levels
  locations: Locations
  /** None where a host is made for one plugin: nothing would ever take what was made ready. */
  standby?: Standby
  log(plugin: string, level: string, message: string): void
}

/** Starts installed node plugins in the strongest sandbox of this machine. */
export function launchInSandbox({ world, levels, locations, standby, log }: LaunchPorts): Launch {
  const levelFor = choosingBeside(levels, standby)
  return async ({ plugin, vouched }, handlers, news, granted, egress) => {
    const { description, modules } = plugin
    const [entry] = modules
    const { id, version, resources, isolation, permissions } = description
    if (entry === undefined) throw new TenonError('PLUGIN_START_FAILED', `"${id}" holds no module that can be started`)
    const asked = (permissions ?? []).map(({ capability }) => parseCapability(capability))
    return startPlugin({
      world,
      level: await levelFor(isolation?.requires ?? [], { vouched }),
      plugin: { id, version, kind: 'node', code: { bytes: entry } },
      limits: resources ?? {},
      mounts: fileMounts(asked, granted, locations.workspace),
      workspace: locations.workspace,
      env: grantedEnv(world, asked, granted),
      handlers,
      onLog: (stream, text) => log(id, stream === 'stderr' ? 'warn' : 'info', text),
      ...news,
      egress,
      stateDir: locations.state,
      standby,
    })
  }
}

/** Chooses a level. For the first plugin that takes longer than making a launcher, which is done meanwhile. */
function choosingBeside(levels: Levels, standby: Standby | undefined): Levels['choose'] {
  let isFirst = true
  return async (required, wish) => {
    if (!isFirst || standby === undefined) return levels.choose(required, wish)
    isFirst = false
    standby.launcher.prepare()
    let chosen: AvailableLevel | undefined
    try {
      return (chosen = await levels.choose(required, wish))
    } finally {
      if (chosen?.level !== 'A') await standby.launcher.drop()
    }
  }
}

/** The variables that are both asked for and granted. */
export const grantedEnv = (
  { env }: World,
  asked: readonly Capability[],
  granted: readonly Capability[],
): Record<string, string> =>
  Object.fromEntries(
    asked.flatMap((one): [string, string][] => {
      const { action, target = '' } = one
      const value = action === 'env:read' && decide(asked, granted, one).allowed ? env[target] : undefined
      return value === undefined ? [] : [[target, value]]
    }),
  )
