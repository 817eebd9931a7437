import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import {
  capabilityFault,
  decide,
  limits,
  parseCapability,
  TenonError,
  type Capability,
  type Problem,
} from '@tenon/contract'
import {
  explainJob,
  hasOwnRoot,
  runJob,
  type AvailableLevel,
  type JobProfile,
  type JobReport,
  type Limits,
  type Mount,
} from '@tenon/sandbox'
import type { Cli } from '../command.ts'
import type { SandboxFlags } from '../commands/sandbox-flags.ts'
import { columns, printNote } from '../printer.ts'
import type { Result } from '../result.ts'
import { grantedEnv, machineLevels } from './launch.ts'
import { levelNamed } from './level-named.ts'
import { locationsOf } from './locations.ts'
import { fileMounts } from './mounts.ts'
import { outsideTunnel } from './outside-tunnel.ts'

/** `tenon sandbox exec`: a command of the host, contained as a plugin is. */
export async function execInSandbox(
  { io, world }: Cli,
  flags: SandboxFlags,
  words: readonly string[],
): Promise<Result> {
  if (words.length === 0) throw new TenonError('USAGE', 'name a command after --')
  const { workspace, state } = locationsOf(world, flags)
  const bounds = boundsIn(flags)
  const granted = capabilitiesIn(flags.grant ?? [])
  const level = await machineLevels(world).choose([], {
    vouched: false,
    requested: levelNamed(flags.isolation),
  })
  const order = {
    ...{ world, limits: bounds, signal: io.signal, stateDir: state },
    program: { words },
    workspace: existsSync(workspace) ? workspace : undefined,
    mounts: mountsFor(granted, workspace),
    env: grantedEnv(world, granted, granted),
  }
  if (flags.explain) return explained(level, await explainJob({ ...order, level }))
  const onDegraded = (message: string): void => printNote(io, `degraded: ${message}`)
  const onThrottled = (message: string): void => printNote(io, `throttled: ${message}`)
  await using tunnel = await tunnelFor(granted, level)
  const { streams } = io
  const report = await runJob({
    ...{ ...order, level, egress: tunnel.socket, streams },
    ...{ onDegraded, onThrottled, onLog: () => {} },
  })
  const unusual = report.exit.signal !== null || !['exit', 'crash'].includes(report.exit.reason)
  if (unusual) printNote(io, `${report.exit.reason}: ${report.exit.message}`)
  return { data: report, text: '', exit: statusOf(report), quiet: true }
}

const BOUNDS = {
  memoryMb: [limits.memoryMbMin, limits.memoryMbMax],
  cpu: [limits.cpuMin, limits.cpuMax],
  processes: [1, 4_096],
  diskMb: [1, 1_048_576],
  ioMbPerSec: [0.1, 1_048_576],
  wallMs: [1, limits.jobMs],
} as const

function boundsIn(flags: SandboxFlags): Limits {
  const names = Object.keys(BOUNDS) as (keyof typeof BOUNDS)[]
  const given = names.flatMap((name): [keyof typeof BOUNDS, number][] =>
    flags[name] === undefined ? [] : [[name, flags[name]]],
  )
  const faults = given.flatMap(([name, value]) => {
    const [min, max] = BOUNDS[name]
    return value >= min && value <= max ? [] : [`${name} is from ${min} to ${max}, not ${value}`]
  })
  if (faults.length > 0) throw new TenonError('USAGE', faults.join('; '))
  return Object.fromEntries(given)
}

/** The way outside, to what was granted; the guard of addresses stands before it as before a plugin's. */
async function tunnelFor(
  granted: readonly Capability[],
  { level }: AvailableLevel,
): Promise<AsyncDisposable & { socket?: string }> {
  if (!granted.some(({ action }) => action === 'net:connect')) return new AsyncDisposableStack()
  if (!hasOwnRoot(level))
    throw new TenonError('ISOLATION_UNAVAILABLE', `on level ${level} a command can open no socket`, {
      hint: 'Grant no net:…, or use a level that gives it a network of its own.',
    })
  const allowed = async (host: string, port: number): Promise<boolean> =>
    decide(granted, granted, { action: 'net:connect', target: `${host}:${port}` }).allowed
  const { socket, close } = await outsideTunnel({ allowed, onPassage: () => {} })
  return { socket, [Symbol.asyncDispose]: close }
}

/** Files, environment and the outside: all else is a host's to give, and a command has none. */
function capabilitiesIn(grants: readonly string[]): Capability[] {
  const problems = grants.flatMap((grant, index): Problem[] => {
    const fault = capabilityFault(grant) ?? (/^(fs|env|net):/.test(grant) ? undefined : 'only a host can give this')
    const message = `"${grant}": ${fault}`
    return fault === undefined ? [] : [{ pointer: `/grant/${index}`, code: 'CAPABILITY_INVALID', message }]
  })
  if (problems.length > 0)
    throw new TenonError('CAPABILITY_INVALID', 'not everything can be granted', {
      problems,
      hint: 'Grant fs:read:…, fs:write:…, env:read:… or net:connect:….',
    })
  return grants.map(parseCapability)
}

function mountsFor(granted: readonly Capability[], workspace: string): Mount[] {
  for (const one of granted)
    if (one.action.startsWith('fs:') && fileMounts([one], [one], workspace).length === 0)
      throw new TenonError('PERMISSION_DENIED', `${one.target} is nothing that can be shown`, {
        hint: 'A path is one file; a folder is granted as a tree that ends in /**.',
      })
  return fileMounts(granted, granted, workspace)
}

function explained({ level, degraded }: AvailableLevel, profile: JobProfile): Result {
  const { command, shown, env, limits: bounds } = profile
  const rows = shown.map(({ path, of, may }) => [path, may, path === of ? '' : of])
  const lines = [
    `level ${level}${degraded.map((message) => `\n  degraded: ${message}`).join('')}`,
    `runs ${command.join(' ')}`,
    ...Object.entries(bounds).map(([name, value]) => `${name} ${value}`),
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    columns(['SEES', 'MAY', 'WHICH IS'], rows),
  ]
  return { data: { level, degraded, ...profile }, text: lines.join('\n') }
}

function statusOf({ exit: { code, signal } }: JobReport): number {
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1]
  return number === undefined ? (code ?? 1) : 128 + number
}
