import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { Json } from '@tenon/contract'
import {
  chooseLevel,
  levelProbe,
  runJob,
  startPlugin,
  type AvailableLevel,
  type JobReport,
  type Level,
  type PluginOrder,
  type PluginProcess,
} from '@tenon/sandbox'
import { isWithout, temporaryFolder, wallWorld } from '@tenon/testkit'

export const world = wallWorld()

export const isRoot = process.getuid?.() === 0

/** A container needs a group, which root alone can make, and an engine, which tests may be told to do without. */
export const hasEngine = isRoot && !isWithout('podman')
const WITH_ENGINE = hasEngine ? (['E'] as const) : []

export const LEVELS_HERE = ['A', 'B', 'C', 'C without groups', ...WITH_ENGINE] as const
/** Those of them that give a process a root of its own. */
export const OWN_ROOT = ['A', 'B', ...WITH_ENGINE] as const
export type LevelHere = (typeof LEVELS_HERE)[number]

const reportOf = levelProbe(world)

export async function levelNamed(name: LevelHere): Promise<AvailableLevel> {
  const [requested, ...changed] = name.split(' ') as [Level, ...string[]]
  const level = await chooseLevel(reportOf, { required: [], requested, signed: false })
  return changed.length === 0 ? level : { ...level, guarantees: ['fs', 'net'] }
}

/** What an order says that grants nothing, bounds nothing and hears nothing. */
export const quietOrder = {
  ...{ world, limits: {}, mounts: [], workspace: undefined, env: {} },
  ...{ onLog: () => {}, onDegraded: () => {}, onThrottled: () => {} },
}

/** Starts a plugin from the text of its operations; it is stopped when the test ends. */
export async function pluginWith(
  level: LevelHere,
  operations: string,
  changes: Partial<Omit<PluginOrder, 'level'>> = {},
): Promise<PluginProcess> {
  return pluginFrom(
    level,
    `import { definePlugin, PluginError } from '@tenon/sdk'
import fs from 'node:fs'
export default definePlugin({ operations: { ${operations} } })`,
    changes,
  )
}

export async function pluginFrom(
  level: LevelHere,
  source: string,
  changes: Partial<Omit<PluginOrder, 'level'>> = {},
): Promise<PluginProcess> {
  const started = await startPlugin({
    ...quietOrder,
    level: await levelNamed(level),
    plugin: { id: 'sample', version: '1.0.0', kind: 'node', code: { bytes: Buffer.from(source) } },
    handlers: {},
    stateDir: temporaryFolder(),
    ...changes,
  })
  onTestFinished(async () => void (await started.stop()))
  return started
}

/** An operation that computes for half a second, or for as long as that takes when it is held back. */
export const SPIN = `spin: () => { const until = Date.now() + 500; while (Date.now() < until); return null }`

/** Calls it until somebody was told of it, however busy the machine is, and a little longer. */
export async function spunUntilTold(plugin: PluginProcess, told: readonly string[]): Promise<void> {
  const spin = (): Promise<Json> => plugin.call('spin', null, { traceId: 't' })
  while (told.length === 0 && plugin.usage().wallMs < 30_000) await spin()
  for (let more = 0; more < 3; more += 1) await spin()
}

type JobChanges = Partial<Omit<Parameters<typeof runJob>[0], 'level' | 'program'>> & {
  config?: Json
  dryRun?: boolean
}

/** Runs a Python body as a dataset function. What it puts into `seen` comes back. */
export async function python(
  level: LevelHere,
  body: string,
  changes: JobChanges = {},
): Promise<{ report: JobReport; seen: Json }> {
  const { config = {}, dryRun = false, mounts = [], ...rest } = changes
  const folder = temporaryFolder()
  const [code, dataset, out] = ['code', 'dataset', 'out'].map((name) => join(folder, name)) as [string, string, string]
  for (const path of [code, dataset, out]) mkdirSync(path, { mode: 0o700 })
  writeFileSync(join(dataset, 'a.txt'), 'hello', { mode: 0o600 })
  const indented = body.replaceAll('\n', '\n    ')
  writeFileSync(
    join(code, 'sample.py'),
    `import json, os, sys, time, socket, signal, subprocess, errno, ctypes
def attempt(work):
    try:
        return ['ok', str(work())]
    except OSError as error:
        return ['refused', errno.errorcode.get(error.errno, str(error))]
def fn(dataset_dir, out_dir, config, *, work_dir=None, dry_run=False):
    seen = {}
    ${indented}
    (out_dir / 'seen.json').write_text(json.dumps(seen))
`,
  )
  const report = await runJob({
    ...quietOrder,
    level: await levelNamed(level),
    program: { entryPoint: 'sample:fn', sources: [code], dataset: '/dataset', out: '/out', work: null, config, dryRun },
    mounts: [
      { source: dataset, target: '/dataset', readOnly: true },
      { source: out, target: '/out', readOnly: false },
      ...mounts,
    ],
    stateDir: join(folder, 'state'),
    ...rest,
  })
  return { report, seen: report.completed ? JSON.parse(readFileSync(join(out, 'seen.json'), 'utf8')) : null }
}

export async function seenInside(level: LevelHere, body: string, changes: JobChanges = {}): Promise<Json> {
  const { report, seen } = await python(level, body, changes)
  expect(report, report.logTail).toMatchObject({ completed: true })
  return seen
}

export const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (thrown: { code?: unknown }) => thrown.code ?? thrown,
  )

/** The command line of a process; empty when it is gone. */
export function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
