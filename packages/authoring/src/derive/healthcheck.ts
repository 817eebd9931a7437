import type { PluginSpec } from '@tenon/contract'
import type { Probe } from '@tenon/contract/schema'
import { derivedNote, fenced, manualSection } from './markdown.ts'
import { probeText } from './probe-text.ts'
import type { PluginFolder } from '../folder/plugin-folder.ts'
import type { PolicySnapshot } from '../policy/policy-snapshot.ts'

type SpecProbe = NonNullable<NonNullable<PluginSpec['health']>['probes']>[number]

const TIMEOUT_MS = 5_000
const FAIL_AFTER = 3

/** The spec's probes, else one per operation, else that the plugin can be loaded; none looser than the policy. */
export function probesOf(spec: PluginSpec, { values }: PolicySnapshot): Probe[] {
  const timeout = values['health.timeoutMs']?.value ?? Infinity
  const strikes = values['health.failAfter']?.value ?? Infinity
  return (spec.health?.probes ?? defaultProbes(spec)).map(
    ({ id, kind, target, request, expect, timeoutMs = TIMEOUT_MS, failAfter = FAIL_AFTER }) => ({
      id,
      kind,
      target: target ?? (kind === 'op' ? id : spec.id),
      ...(request === undefined ? {} : { request }),
      ...(expect === undefined ? {} : { expect }),
      timeout_ms: Math.min(timeoutMs, timeout),
      fail_after: Math.min(failAfter, strikes),
    }),
  )
}

function defaultProbes({ operations = [] }: PluginSpec): SpecProbe[] {
  if (operations.length === 0) return [{ id: 'load', kind: 'import' }]
  return operations.map(({ name }) => ({ id: name, kind: 'op', request: `examples/${name}_request.json` }))
}

export function healthcheckText(spec: PluginSpec, snapshot: PolicySnapshot, folder: PluginFolder): string {
  const sections = [
    `# Health of ${spec.name}`,
    derivedNote(`tenon plugin derive ${spec.id}`),
    'A probe that fails as often in a row as `fail_after` says makes the plugin unhealthy.',
    ...polled(spec),
    ...probesOf(spec, snapshot).map((probe) => `## ${probe.id}\n\n${fenced('probe', probeText(probe))}`),
    '## Notes',
    manualSection('notes', 'Nothing yet.', folder.text('healthcheck.md')),
  ]
  return `${sections.join('\n\n')}\n`
}

function polled({ health }: PluginSpec): string[] {
  if (health?.check === undefined) return []
  const { type, path } = health.check
  return [`The host polls \`${type}\`${path === undefined ? '' : ` at \`${path}\``}.`]
}
