import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  builtPlugin,
  certified,
  certifiedGate,
  checkerVersions,
  checkLedger,
  checkStart,
  laidOut,
  lyingFiles,
  policiesFor,
  readPluginFolder,
  readPolicies,
  reportOf,
  requireSpec,
  TEST_GATES,
  validateFolder,
  type BuiltPlugin,
  type CertifiedGate,
  type PluginFolder,
  type TestOutcome,
  type Validation,
} from '@tenon/authoring'
import { nodeDisk, openRepository, writeAside, type SigningKey } from '@tenon/bundle'
import { prettyJson, TenonError, type CertificationReport } from '@tenon/contract'
import type { Cli } from '../command.ts'
import { committedAt } from './committed-at.ts'
import { openScenes } from './conformance/open-scenes.ts'
import { releasesOf } from './releases.ts'
import { runPolicy, toolchain } from './run-facts.ts'
import { checkGate, timed, tryingOf, type TestFlags } from './test-plugin.ts'

export type CertifyOrder = {
  root: string
  /** The folder for what is written. */
  out: string
  key(publisher: string): Promise<SigningKey>
  /** Also sign what a gate could not tell. */
  acceptInconclusive: boolean
}

/** What came of certifying a plugin. Without an envelope it is not certified. */
export type Certified = { report: CertificationReport; files: { report: string; archive?: string; envelope?: string } }

/**
 * Holds a plugin's files, as they were read once, to every gate, and signs that it passed. A report is written in any case where
 * there is a spec; what an earlier statement said of this version is taken away first.
 */
export async function certifyPlugin(cli: Cli, order: CertifyOrder, flags: TestFlags): Promise<Certified> {
  const folder = await folderAt(order.root)
  const { id, version, publisher = 'local' } = requireSpec(folder)
  const key = await order.key(publisher)
  const validation = await validated(cli, order.root, folder)
  const { report, built } = await judgedPlugin(cli, order.root, validation, flags)
  const at = (suffix: string): string => join(order.out, `${id}-${version}.${suffix}`)
  const files = { report: at('report.json'), archive: at('tgz'), envelope: at('dsse.json') }
  for (const stale of [files.envelope, files.archive]) await rm(stale, { force: true })
  await writeAside(nodeDisk, files.report, prettyJson(report))
  const isCertified = report.verdict === 'pass' || (report.verdict === 'inconclusive' && order.acceptInconclusive)
  if (!isCertified || built === undefined) return { report, files: { report: files.report } }
  await writeAside(nodeDisk, files.archive, built.archive)
  await writeAside(nodeDisk, files.envelope, prettyJson(certified(built, report, key)))
  return { report, files }
}

async function folderAt(root: string): Promise<PluginFolder> {
  if ((await nodeDisk.kind(root)) === 'folder') return readPluginFolder(nodeDisk, root)
  throw new TenonError('PLUGIN_UNKNOWN', `there is no folder ${root}`, { hint: "Give the path of a plugin's folder." })
}

async function validated({ world }: Cli, root: string, folder: PluginFolder): Promise<Validation> {
  const policies = await readPolicies(nodeDisk, await policiesFor(nodeDisk, root))
  const [at, releases] = [await committedAt(world, root), await releasesOf(world, root)]
  return validateFolder(folder, policies, { at, releases })
}

async function judgedPlugin(
  cli: Cli,
  root: string,
  { folder, gates: validationGates }: Validation,
  flags: TestFlags,
): Promise<{ report: CertificationReport; built: BuiltPlugin | undefined }> {
  await using candidate = await laidOut(nodeDisk, folder)
  const { spec } = candidate
  const { ground, run, snapshot } = await tryingOf(cli, candidate, flags)
  const gates: CertifiedGate[] = validationGates.map(certifiedGate)
  const judge = async <Outcome extends TestOutcome>(gate: string, check: () => Promise<Outcome>): Promise<Outcome> => {
    const outcome = await timed(cli, gate, flags, check)
    gates.push(outcome)
    return outcome
  }
  await judge('start', () => judging(async () => checkStart(candidate, await openScenes(candidate, ground), ground)))
  for (const gate of TEST_GATES) await judge(gate, () => judging(() => checkGate(cli, gate, candidate, ground, root)))
  const { proof } = await judge('ledger', async () => checkLedger(await ledgerFiles(cli, root), spec.uid))
  const isBuilt = gates.every(({ verdict }) => verdict !== 'fail')
  const built = isBuilt ? await builtPlugin(folder, spec) : undefined
  const { policySnapshot: policy } = runPolicy(folder.text('policy_snapshot.json'))
  const about = {
    plugin: spec.id,
    version: spec.version,
    policy,
    toolchain: { ...toolchain, ...(await checkerVersions()) },
  }
  const under = { level: ground.level.level, ledger: proof, run: { id: run, snapshot: snapshot.digest } }
  return { report: reportOf({ ...about, ...under }, gates, built), built }
}

/** What a gate that may have nothing to look at says of that, and what it throws, as what it found. */
async function judging(check: () => Promise<TestOutcome>): Promise<TestOutcome & { idle?: string }> {
  try {
    const outcome = await check()
    const [idle] = outcome.checked === 0 && outcome.verdict === 'pass' ? outcome.notes : []
    return { ...outcome, ...(idle === undefined ? {} : { idle }) }
  } catch (thrown) {
    if (!(thrown instanceof TenonError) || thrown.code === 'ISOLATION_UNAVAILABLE') throw thrown
    const { code, message } = thrown
    const problem = { pointer: '', file: 'plugin.spec.json', code, message }
    return { verdict: 'fail', checked: 1, problems: [problem], notes: [] }
  }
}

/** The ledger of the repository that a folder lies in; undefined when it lies in none. */
async function ledgerFiles({ world }: Cli, root: string): Promise<Parameters<typeof checkLedger>[0]> {
  try {
    return await lyingFiles(nodeDisk, await openRepository({ ...world, cwd: root }))
  } catch (thrown) {
    if (thrown instanceof TenonError && thrown.code === 'REPOSITORY_UNKNOWN') return undefined
    throw thrown
  }
}
