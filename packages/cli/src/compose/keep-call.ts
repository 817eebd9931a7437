import { nodeDisk } from '@tenon/bundle'
import type { World } from '@tenon/contract'
import type { KeepCall } from '@tenon/host'
import { runSnapshot, writeSnapshot } from '@tenon/runner'
import type { WorkspaceInstallations } from './installations.ts'
import type { Locations } from './locations.ts'
import { installedPolicy, toolchain } from './run-facts.ts'

/** Keeps the snapshot of a call in the workspace; a plugin of another machine has no manifest here, and no policy. */
export const keepsCalls =
  (world: World, installations: WorkspaceInstallations, { workspace }: Locations): KeepCall =>
  async ({ runId, traceId, description, operation, level }) => {
    const installed = installations.get(description.id)
    const facts = {
      ...{ run_id: runId, trace_id: traceId, purpose: 'operation' as const, level },
      ...{ toolchain: { ...toolchain }, manifest: installed?.manifestDigest ?? null },
    }
    const { policySnapshot, retentionDays } = installedPolicy(installed)
    const called = { ...description, operations: [operation] }
    const snapshot = runSnapshot(called, { ...facts, policySnapshot, retention_days: retentionDays }, world)
    await writeSnapshot(nodeDisk, workspace, snapshot)
  }
