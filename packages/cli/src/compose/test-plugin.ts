import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkBehavior,
  checkFixtures,
  checkLint,
  checkPerf,
  checkTypes,
  checkUnitTests,
  folderAtMergeBase,
  laidOut,
  readPluginFolder,
  TEST_GATES,
  worst,
  type Baseline,
  type Candidate,
  type Ground,
  type TestGate,
  type TestOutcome,
  type Verdict,
} from '@tenon/authoring'
import { digestJson, nodeDisk, openRepository, writeAside } from '@tenon/bundle'
import { isObject, ownValue, prettyJson, readJson, TenonError, type Digest } from '@tenon/contract'
import { describeSpec } from '@tenon/contract/schema'
import { runSnapshot, writeSnapshot } from '@tenon/runner'
import type { Cli } from '../command.ts'
import { printComplaint } from '../printer.ts'
import { openScenes } from './conformance/open-scenes.ts'
import { machineLevels } from './launch.ts'
import { levelNamed } from './level-named.ts'
import { locationsOf, type LocationFlags, type Locations } from './locations.ts'
import { runPolicy, toolchain } from './run-facts.ts'

export type TestFlags = LocationFlags & { only?: string; isolation?: string; json: boolean }

export type GateResult = TestOutcome & { gate: TestGate; ms: number }

/** What came of testing a plugin; `snapshot` says exactly what was tested. */
export type TestReport = {
  run: string
  plugin: string
  version: string
  root: string
  level: string
  verdict: Verdict
  gates: GateResult[]
  snapshot: { path: string; digest: Digest }
}

/** Where a plugin is tested, and what took part. */
export type Trying = { ground: Ground; locations: Locations; run: string; snapshot: TestReport['snapshot'] }

/** Chooses where a plugin is tested, at a level of code that nobody vouches for, and keeps what takes part. */
export async function tryingOf({ world, io }: Cli, candidate: Candidate, flags: TestFlags): Promise<Trying> {
  const wish = { vouched: false, requested: levelNamed(flags.isolation) }
  const level = await machineLevels(world).choose(candidate.spec.isolation?.requires ?? [], wish)
  const locations = locationsOf(world, flags)
  mkdirSync(locations.state, { recursive: true, mode: 0o700 })
  const ground: Ground = { world, level, stateDir: locations.state, signal: io.signal }
  const run = world.newId()
  return { ground, locations, run, snapshot: await keptSnapshot(candidate, ground, locations, run) }
}

/** Tests a plugin's folder in the sandbox, at the level of code that nobody vouches for, and keeps what took part. */
export async function testPlugin(cli: Cli, root: string, flags: TestFlags): Promise<TestReport> {
  const gates = wantedGates(flags.only)
  if ((await nodeDisk.kind(root)) !== 'folder')
    throw new TenonError('PLUGIN_UNKNOWN', `there is no folder ${root}`, {
      hint: "Give the path of a plugin's folder.",
    })
  await using candidate = await laidOut(nodeDisk, await readPluginFolder(nodeDisk, root))
  const { ground, locations, run, snapshot } = await tryingOf(cli, candidate, flags)
  const results: GateResult[] = []
  for (const gate of gates)
    results.push(await timed(cli, gate, flags, () => checkGate(cli, gate, candidate, ground, root)))
  const { id: plugin, version } = candidate.spec
  const verdict = worst(results.map((one) => one.verdict))
  const { level } = ground.level
  const report = { run, plugin, version, root, level, verdict, gates: results, snapshot }
  await writeAside(nodeDisk, join(locations.workspace, '.runs', run, 'report.json'), prettyJson(report))
  return report
}

function wantedGates(only: string | undefined): readonly TestGate[] {
  if (only === undefined) return TEST_GATES
  const gate = TEST_GATES.find((known) => known === only)
  if (gate !== undefined) return [gate]
  throw new TenonError('USAGE', `"${only}" is no gate of tests`, { hint: `Choose one of ${TEST_GATES.join(', ')}.` })
}

const keptSnapshot = (
  { spec, folder }: Candidate,
  { world, level }: Ground,
  { workspace }: Locations,
  run: string,
): Promise<TestReport['snapshot']> => {
  const { value: manifest } = readJson(folder.text('manifest.json') ?? '')
  const { policySnapshot, retentionDays } = runPolicy(folder.text('policy_snapshot.json'))
  const facts = {
    ...{ run_id: run, trace_id: world.newId(), purpose: 'conformance' as const, level: level.level },
    ...{ toolchain: { ...toolchain }, retention_days: retentionDays, policySnapshot },
    manifest: manifest === undefined ? null : digestJson(manifest),
  }
  return writeSnapshot(nodeDisk, workspace, runSnapshot(describeSpec(spec), facts, world))
}

/** What a gate finds, and how long that takes, in milliseconds; people at a terminal are told that it goes on. */
export async function timed<Gate extends string, Outcome extends TestOutcome>(
  { io, world }: Cli,
  gate: Gate,
  { json }: Pick<TestFlags, 'json'>,
  check: () => Promise<Outcome>,
): Promise<Outcome & { gate: Gate; ms: number }> {
  if (io.isTerminal && !json) printComplaint(io, `${gate} …`)
  const begun = world.monotonic()
  const outcome = await check()
  return { gate, ...outcome, ms: Math.round(world.monotonic() - begun) }
}

export async function checkGate(
  cli: Cli,
  gate: TestGate,
  candidate: Candidate,
  ground: Ground,
  root: string,
): Promise<TestOutcome> {
  const { world, io } = cli
  const tell = (text: string): void => (io.isTerminal ? printComplaint(io, `  ${text}`) : undefined)
  if (gate === 'types') return checkTypes(candidate, ground)
  if (gate === 'lint') return checkLint(candidate, ground)
  if (gate === 'unit') return checkUnitTests(candidate, ground, policyValue(candidate, 'coverage.lines'))
  if (gate === 'fixtures') return checkFixtures(candidate)
  const openScene = await openScenes(candidate, ground)
  if (gate === 'behavior')
    return checkBehavior(candidate, openScene, ({ name }, problem) =>
      tell(`${problem === undefined ? 'ok  ' : 'FAIL'} ${name}`),
    )
  await using opened = new AsyncDisposableStack()
  return await checkPerf(candidate, {
    ...{ world, openScene, p95Max: policyValue(candidate, 'performance.p95Ms') },
    baseline: () => baselineOf(cli, root, ground, opened),
    told: ({ operation }) => tell(operation),
  })
}

/** The plugin as it was where the present work began, laid out until this is over. */
async function baselineOf(
  { world }: Cli,
  root: string,
  ground: Ground,
  opened: AsyncDisposableStack,
): Promise<Baseline> {
  try {
    const found = await folderAtMergeBase(await openRepository({ ...world, cwd: root }), root)
    if (found === undefined) return 'unknown'
    if (found.folder === undefined) return 'new'
    return { openScene: await openScenes(opened.use(await laidOut(nodeDisk, found.folder, root)), ground) }
  } catch (thrown) {
    if (thrown instanceof TenonError && UNTOLD.includes(thrown.code)) return 'unknown'
    throw thrown
  }
}

/** There is no repository, or what lies in it was no plugin that could be built. */
const UNTOLD = ['REPOSITORY_UNKNOWN', 'GIT_FAILED', 'SPEC_INVALID']

/** A value of the policy that the plugin was made under. */
function policyValue({ folder }: Candidate, key: string): number | undefined {
  const { value } = readJson(folder.text('policy_snapshot.json') ?? 'null')
  const values = isObject(value) ? ownValue(value, 'values') : undefined
  const set = isObject(values) ? ownValue(values, key) : undefined
  const found = isObject(set) ? ownValue(set, 'value') : undefined
  return typeof found === 'number' ? found : undefined
}
