import { TenonError, type Audit, type World } from '@tenon/contract'
import { parseCapability } from '@tenon/contract'
import type { Launch } from '@tenon/host'
import {
  chooseLevel,
  probeLevels,
  startPlugin,
  type AvailableLevel,
  type Guarantee,
  type LevelReport,
} from '@tenon/sandbox'
import type { WorkspaceInstallations } from './installations.ts'
import type { Locations } from './locations.ts'
import { fileMounts } from './mounts.ts'

export type Levels = {
  reports(): Promise<LevelReport[]>
  choose(required: readonly Guarantee[]): Promise<AvailableLevel>
}

/** Probes the machine once, at first need. */
export function machineLevels(world: World): Levels {
  let probing: Promise<LevelReport[]> | undefined
  const reports = (): Promise<LevelReport[]> => (probing ??= probeLevels(world))
  // Who vouches for a signer is not decided yet, so every plugin is treated as one nobody vouches for.
  return { reports, choose: async (required) => chooseLevel(await reports(), { required, signed: false }) }
}

export type LaunchPorts = {
  world: World
  audit: Audit
  levels: Levels
  locations: Locations
  installations: WorkspaceInstallations
  log(plugin: string, level: string, message: string): void
}

/** Starts installed node plugins in the strongest sandbox of this machine. */
export const launchInSandbox =
  ({ world, audit, levels, locations, installations, log }: LaunchPorts): Launch =>
  async ({ description, modules: [entry] }, handlers) => {
    const { id, version, resources, isolation, permissions } = description
    if (entry === undefined) throw new TenonError('PLUGIN_START_FAILED', `"${id}" holds no module that can be started`)
    const asked = (permissions ?? []).map(({ capability }) => parseCapability(capability))
    const granted = installations.granted(id)
    return startPlugin({
      world,
      level: await levels.choose(isolation?.requires ?? []),
      plugin: { id, version, kind: 'node', code: { bytes: entry } },
      limits: resources ?? {},
      mounts: fileMounts(asked, granted, locations.workspace),
      workspace: locations.workspace,
      env: grantedEnv(world, asked, granted),
      handlers,
      onLog: (stream, text) => log(id, stream === 'stderr' ? 'warn' : 'info', text),
      onDegraded: (message) =>
        void audit.record({
          actor: 'host',
          action: 'plugin.degraded',
          target: id,
          decision: 'allow',
          reason: message,
          traceId: world.newId(),
        }),
      stateDir: locations.state,
    })
  }

type Names = readonly { action: string; target?: string }[]

const grantedEnv = ({ env }: World, asked: Names, granted: Names): Record<string, string> =>
  Object.fromEntries(
    asked.flatMap(({ action, target }) => {
      const value = target === undefined ? undefined : env[target]
      const both = action === 'env:read' && granted.some((one) => one.action === action && one.target === target)
      return both && target !== undefined && value !== undefined ? [[target, value]] : []
    }),
  )
