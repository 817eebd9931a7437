import type { PluginSpec } from '@tenon/contract'
import { stringify } from 'yaml'
import { DERIVED_NOTE, fenced, manualSection } from './markdown.ts'
import type { PluginFolder } from './plugin-folder.ts'
import type { PolicySnapshot } from './policy.ts'

/** One executable probe of `healthcheck.md`. */
export type Probe = {
  id: string
  kind: string
  target: string
  timeout_ms: number
  fail_after: number
  request?: string
}

const TIMEOUT_MS = 5_000
const FAIL_AFTER = 3

/** The spec's probes, else one per operation, else that the plugin can be loaded; none looser than the policy. */
export function probesOf(spec: PluginSpec, snapshot: PolicySnapshot): Probe[] {
  const timeout = snapshot.values['health.timeoutMs']?.value ?? TIMEOUT_MS
  const strikes = snapshot.values['health.failAfter']?.value ?? FAIL_AFTER
  const given = spec.health?.probes ?? defaultProbes(spec)
  return given.map((probe) => ({
    id: probe.id,
    kind: probe.kind,
    target: probe.target ?? spec.id,
    ...(probe.request === undefined ? {} : { request: probe.request }),
    timeout_ms: Math.min(probe.timeoutMs ?? TIMEOUT_MS, timeout),
    fail_after: Math.min(probe.failAfter ?? FAIL_AFTER, strikes),
  }))
}

type SpecProbe = NonNullable<NonNullable<PluginSpec['health']>['probes']>[number]

function defaultProbes(spec: PluginSpec): SpecProbe[] {
  const operations = spec.operations ?? []
  if (operations.length === 0) return [{ id: 'load', kind: 'import' }]
  return operations.map(({ name }) => ({
    id: name,
    kind: 'op',
    target: name,
    request: `examples/${name}_request.json`,
  }))
}

export function healthcheckText(spec: PluginSpec, snapshot: PolicySnapshot, folder: PluginFolder): string {
  const probes = probesOf(spec, snapshot).map((probe) => `## ${probe.id}\n\n${fenced('probe', stringify(probe))}`)
  const check = spec.health?.check
  const polled =
    check === undefined
      ? []
      : [`The host polls \`${check.type}\`${check.path === undefined ? '' : ` at \`${check.path}\``}.`]
  const sections = [
    `# Health of ${spec.name}`,
    DERIVED_NOTE(`tenon plugin derive ${spec.id}`),
    'A probe that fails as often in a row as `fail_after` says makes the plugin unhealthy.',
    ...polled,
    ...probes,
    '## Notes',
    manualSection('notes', folder.text('healthcheck.md'), 'Nothing yet.'),
  ]
  return `${sections.join('\n\n')}\n`
}
