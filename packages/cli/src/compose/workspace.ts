import { join } from 'node:path'
import { nodeDisk, writeAside } from '@tenon/bundle'
import { prettyJson, printCapability } from '@tenon/contract'
import { describeSpec } from '@tenon/contract/schema'
import {
  acceptGrants,
  applyPlan,
  hearRevocations,
  planInstall,
  readRevocations,
  readWorkspace,
  rollback,
  type Change,
  type InstallPlan,
  type PackageSource,
} from '@tenon/installer'
import { machineEngines } from './engines.ts'
import { machineOf } from './locations.ts'
import { mustBeCertified } from './must-be-certified.ts'
import { httpSource } from './package-source.ts'
import type { WorkspacePorts } from './workspace-ports.ts'

/** What a person wants of a workspace: plugins by reference with a range, ids to go, and the registry to ask. */
export type Wish = { add?: Record<string, string>; remove?: string[]; registry?: string }

/** What each plugin asks for, by id. */
export type Asked = Record<string, { capability: string; reason: string }[]>

export async function workspaceView({ locations, installations }: WorkspacePorts) {
  const { document, generation } = await readWorkspace(nodeDisk, locations.workspace)
  const plugins = Object.fromEntries(
    Object.entries(generation.plugins).map(([id, { version, digest, signer, publisher }]) => [
      id,
      { version, digest, signer, ...(publisher === undefined ? {} : { publisher }) },
    ]),
  )
  const grants = Object.fromEntries(
    Object.keys(plugins).map((id) => [id, installations.granted(id).map(printCapability)]),
  )
  return {
    ...{ folder: locations.workspace, generation: generation.generation },
    ...{ wanted: document.plugins ?? {}, plugins, grants },
  }
}

export async function planWish(ports: WorkspacePorts, wish: Wish): Promise<InstallPlan> {
  const { add = {}, remove = [] } = wish
  const workspace = await readWorkspace(nodeDisk, ports.locations.workspace)
  const runtime = await machineEngines(ports.world)
  return planInstall(workspace, { source: sourceOf(ports, wish), add, remove, runtime })
}

const sourceOf = ({ registryUrl }: WorkspacePorts, { registry }: Wish): PackageSource =>
  httpSource(registry ?? registryUrl())

export type Installed = { generation: number; changes: Change[]; warnings: string[]; asked: Asked }

export async function applyWish(ports: WorkspacePorts, wish: Wish, traceId: string): Promise<Installed> {
  const plan = await planWish(ports, wish)
  const source = sourceOf(ports, wish)
  const { workspace: folder, home } = ports.locations
  const machine = machineOf(ports)
  const heard = await hearRevocations(nodeDisk, machine, source, ports.world.now())
  const revocations = [...(await readRevocations(nodeDisk, home)), ...heard.revocations]
  const { generation, changes } = await applyPlan(nodeDisk, { folder, machine }, plan, {
    ...{ source, revocations, mustBeCertified: mustBeCertified(ports.world) },
  })
  await refresh(ports, traceId)
  const asked: Asked = Object.fromEntries(
    changes.map(({ id }) => [id, [...(ports.installations.get(id)?.description.permissions ?? [])]]),
  )
  return { generation: generation.generation, changes, warnings: plan.warnings, asked }
}

export async function rollBack(ports: WorkspacePorts, traceId: string) {
  const { generation, plugins } = await rollback(nodeDisk, ports.locations.workspace, (returning) =>
    ports.host.refuseReturning(returning.map(describeSpec), { actor: 'workspace', traceId }),
  )
  await refresh(ports, traceId)
  return { generation, plugins: Object.fromEntries(Object.entries(plugins).map(([id, { version }]) => [id, version])) }
}

/** Writes grants to `tenon.json` and accepts them: whoever asks for this has said yes on this machine. */
export async function grant(ports: WorkspacePorts, grants: Record<string, string[]>, traceId: string) {
  const { workspace, home } = ports.locations
  const { document, generation } = await readWorkspace(nodeDisk, workspace)
  const wanted = await acceptGrants(nodeDisk, home, document, grants, generation)
  for (const [id, capabilities] of Object.entries(grants))
    await ports.host.audit.record({
      actor: 'workspace',
      action: 'capability.grant',
      target: id,
      decision: 'allow',
      reason: capabilities.join(' ') || 'none',
      traceId,
    })
  await writeAside(nodeDisk, join(workspace, 'tenon.json'), prettyJson(wanted))
  await refresh(ports, traceId)
  return { grants: wanted.grants }
}

async function refresh({ installations, host }: WorkspacePorts, traceId: string): Promise<void> {
  await installations.reload()
  await host.syncInstalled({ actor: 'workspace', traceId })
}
