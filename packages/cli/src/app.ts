import { buildApplication, buildRouteMap, type Application } from '@stricli/core'
import { admin } from './commands/admin.ts'
import { call } from './commands/call.ts'
import { doctor } from './commands/doctor.ts'
import { hostServe } from './commands/host-serve.ts'
import { keyList } from './commands/key-list.ts'
import { keyRevoke } from './commands/key-revoke.ts'
import { keyTrust } from './commands/key-trust.ts'
import { idsGuard } from './commands/ids-guard.ts'
import { idsNew } from './commands/ids-new.ts'
import { idsRegistry } from './commands/ids-registry.ts'
import { idsSeal } from './commands/ids-seal.ts'
import { idsTag } from './commands/ids-tag.ts'
import { ledgerConsistency } from './commands/ledger-consistency.ts'
import { ledgerProve } from './commands/ledger-prove.ts'
import { ledgerVerify } from './commands/ledger-verify.ts'
import { map } from './commands/map/map.ts'
import { plugin } from './commands/plugin.ts'
import { policyExplain } from './commands/policy-explain.ts'
import { policyImpact } from './commands/policy-impact.ts'
import { registryServe } from './commands/registry-serve.ts'
import { repoInit } from './commands/repo-init.ts'
import { resolveCatalog } from './commands/resolve.ts'
import { run } from './commands/run.ts'
import { runsList } from './commands/runs-list.ts'
import { runsPrune } from './commands/runs-prune.ts'
import { runsShow } from './commands/runs-show.ts'
import { sandboxExec } from './commands/sandbox-exec.ts'
import { up } from './commands/up.ts'
import type { CliContext } from './command.ts'

/** Every topic and verb of the `tenon` command. */
export function application(): Application<CliContext> {
  const routes = {
    up,
    plugin,
    call,
    run,
    runs: buildRouteMap({
      routes: { list: runsList, show: runsShow, prune: runsPrune },
      docs: { brief: 'Runs of plugins, their records and snapshots' },
    }),
    map,
    repo: buildRouteMap({ routes: { init: repoInit }, docs: { brief: 'What governs a repository of plugins' } }),
    ids: buildRouteMap({
      routes: { new: idsNew, seal: idsSeal, registry: idsRegistry, guard: idsGuard, tag: idsTag },
      docs: { brief: 'Who is who in a repository of plugins' },
    }),
    ledger: buildRouteMap({
      routes: { verify: ledgerVerify, prove: ledgerProve, consistency: ledgerConsistency },
      docs: { brief: 'Ledgers and their proofs' },
    }),
    policy: buildRouteMap({
      routes: { explain: policyExplain, impact: policyImpact },
      docs: { brief: 'What plugins are held to, and why' },
    }),
    resolve: resolveCatalog,
    doctor,
    sandbox: buildRouteMap({ routes: { exec: sandboxExec }, docs: { brief: 'What contains a plugin' } }),
    key: buildRouteMap({
      routes: { list: keyList, trust: keyTrust, revoke: keyRevoke },
      docs: { brief: 'Whose signature counts on this machine' },
    }),
    admin,
    registry: buildRouteMap({ routes: { serve: registryServe }, docs: { brief: 'The marketplace server' } }),
    host: buildRouteMap({ routes: { serve: hostServe }, docs: { brief: 'The host of plugins' } }),
  }
  return buildApplication(buildRouteMap({ routes, docs: { brief: 'The whole life of a plugin' } }), {
    name: 'tenon',
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    documentation: { caseStyle: 'convert-camel-to-kebab' },
  })
}
