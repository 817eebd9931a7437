import { relative } from 'node:path'
import { openRepository, type Repository } from '@tenon/bundle'
import { asTenonError } from '@tenon/contract'
import { driftedNodes, presentNode, showNode, type ActionDone, type Node, type ScanResult } from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { inline, printComplaint } from '../printer.ts'
import type { Result } from '../result.ts'
import { mapActions, type MapActions } from './map-actions.ts'

export type BumpFlags = ExtensionFlags & { force: boolean; staged: boolean }

type Report = ActionDone['report']

/** Takes note of what changed in one node. */
export async function bumpNode(cli: SmCli, flags: BumpFlags, scan: ScanResult, path: string): Promise<Result> {
  const { node } = showNode(scan, path)
  await using actions = await mapActions(cli, flags, scan)
  const report = await bumped(actions, node, flags)
  return { data: report, text: textOf(path, report), exit: report.ok ? 0 : 2 }
}

const bumped = async (actions: MapActions, node: Node, { force }: BumpFlags): Promise<Report> =>
  (await actions.run({ actionId: 'core/bump', node, input: { force }, invoker: 'cli' })).report

function textOf(path: string, { ok, noop, version }: Report): string {
  if (!ok) return `${path} was not bumped: it has not changed`
  return noop === true ? '' : `${path} is at version ${JSON.stringify(version)}`
}

type Batch = {
  bumped: number
  refused: number
  skipped: number
  errors: { nodePath: string; code: string; message: string }[]
}

/** Takes note of what changed in every node that has a sidecar. With `staged`, git is told of each. */
export async function bumpPending(cli: SmCli, flags: BumpFlags, scan: ScanResult): Promise<Result> {
  const began = cli.world.monotonic()
  const repository = flags.staged ? await openRepository(cli.world) : undefined
  await using actions = await mapActions(cli, flags, scan)
  const batch: Batch = { bumped: 0, refused: 0, skipped: 0, errors: [] }
  for (const node of await driftedNodes(actions.places, scan.nodes)) {
    try {
      const report = await bumped(actions, node, flags)
      count(batch, report)
      if (repository !== undefined && report.ok && report['noop'] !== true) await stage(cli, repository, actions, node)
    } catch (thrown) {
      const { code, message } = asTenonError(thrown)
      batch.errors.push({ nodePath: node.path, code, message })
    }
  }
  const data = { ...batch, elapsedMs: Math.round(cli.world.monotonic() - began) }
  return { data, text: batchText(batch), exit: batch.errors.length > 0 ? 1 : 0 }
}

/** Somebody else may have bumped a node since it was looked at. */
function count(batch: Batch, { ok, noop }: Report): void {
  if (!ok) batch.refused += 1
  else if (noop === true) batch.skipped += 1
  else batch.bumped += 1
}

function batchText({ bumped: done, refused, skipped, errors }: Batch): string {
  if (done + refused + skipped + errors.length === 0) return 'nothing to do: no sidecar has drifted'
  const lines = errors.map(({ nodePath, code, message }) => inline(`${nodePath}: ${code}: ${message}`))
  return [`${done} bumped, ${refused + skipped} fresh meanwhile, ${errors.length} failed`, ...lines].join('\n')
}

/** What git will not take stays written, and is for its user to add. */
async function stage({ io }: SmCli, { folder, git }: Repository, { places }: MapActions, node: Node): Promise<void> {
  const { sidecar } = await presentNode(places, node)
  try {
    await git('add', '--', relative(folder, sidecar.absolute))
  } catch (thrown) {
    printComplaint(io, `${sidecar.path} is not staged: ${asTenonError(thrown).message}`)
  }
}
