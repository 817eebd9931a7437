import type { Json } from '@tenon/contract'
import { sidecarPathOf } from '../files/sidecar.ts'
import type { Action } from '../kernel/extension.ts'
import { isMapping } from '../text/yaml.ts'

/** What `reportSchemaRef` of the action leads to. */
export const bumpReport = {
  type: 'object',
  required: ['ok'],
  additionalProperties: false,
  properties: {
    ok: { type: 'boolean' },
    version: { type: 'integer', minimum: 1 },
    createdSidecar: { type: 'boolean' },
    noop: { type: 'boolean' },
    reason: { enum: ['fresh'] },
  },
}

/** Takes note of a change: one version more, the hashes of now, and who did it when. `{ force: true }` lets the unchanged be. */
export const bump: Action = {
  id: 'bump',
  kind: 'action',
  version: '1.0.0',
  description: 'Takes note of a change in the sidecar of a node: one version more, and the hashes of now',
  mode: 'deterministic',
  reportSchemaRef: 'schemas/bump-report.schema.json',
  invoke(input, { node, nodeAbsolutePath, invoker, now }) {
    const { sidecar = { present: false } } = node
    if (sidecar.status === 'fresh')
      return { report: isForced(input) ? { ok: true, noop: true } : { ok: false, reason: 'fresh' } }
    const version = Number(sidecar.annotations?.['version'] ?? 0) + 1
    const at = now().toISOString()
    const changes = {
      identity: { path: node.path, bodyHash: node.bodyHash, frontmatterHash: node.frontmatterHash },
      annotations: { version },
      audit: {
        ...{ lastBumpedAt: at, lastBumpedBy: invoker },
        ...(sidecar.present ? {} : { createdAt: at, createdBy: invoker }),
      },
    }
    return {
      report: { ok: true, version, ...(sidecar.present ? {} : { createdSidecar: true }) },
      writes: [{ kind: 'sidecar', path: sidecarPathOf(nodeAbsolutePath), changes }],
    }
  },
}

const isForced = (input: Json): boolean => isMapping(input) && input['force'] === true
