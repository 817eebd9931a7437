import Type from 'typebox'
import { FOREIGN_ID_PATTERN } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'

export const idParams = Type.Object({ id: Type.String({ pattern: FOREIGN_ID_PATTERN }) })

const texts = Type.Array(Type.String())

const pluginRow = {
  id: Type.String(),
  name: Type.String(),
  version: Type.String(),
  publisher: Type.Optional(Type.String()),
  kind: Type.String(),
  status: Type.Enum(['registered', 'active', 'disabled', 'quarantined']),
  health: Type.Enum(['healthy', 'degraded', 'unhealthy', 'unknown']),
  contained: Type.Boolean(),
  level: Type.Optional(Type.String()),
  contracts: texts,
  traits: texts,
}

export const pluginListDocument = closed({ plugins: Type.Array(closed(pluginRow)), total: Type.Integer() })

export const pluginDocument = closed({
  ...pluginRow,
  description: Type.Optional(Type.String()),
  registeredAt: Type.String(),
  statusReason: Type.Optional(Type.String()),
  address: Type.Optional(Type.String()),
  verification: Type.Optional(
    closed({
      signer: Type.Optional(Type.String()),
      manifest: Type.Optional(Type.String()),
      gates: Type.Optional(
        Type.Array(closed({ gate: Type.String(), checked: Type.Integer(), problems: Type.Integer() })),
      ),
      refusals: Type.Array(closed({ code: Type.String(), message: Type.String() })),
      waived: Type.Array(
        closed({ code: Type.String(), message: Type.String(), override: Type.String(), expiresAt: Type.String() }),
      ),
    }),
  ),
  permissions: Type.Array(
    closed({
      capability: Type.String(),
      reason: Type.String(),
      granted: Type.Boolean(),
      perRun: Type.Boolean(),
      used: Type.Optional(Type.Integer()),
    }),
  ),
  operations: Type.Array(
    closed({ name: Type.String(), summary: Type.String(), input: Type.Boolean(), output: Type.Boolean() }),
  ),
  healthRecord: closed({
    status: pluginRow.health,
    consecutiveFailures: Type.Integer(),
    lastCheck: Type.Optional(Type.String()),
    lastHeartbeat: Type.Optional(Type.String()),
    responseTimeMs: Type.Optional(Type.Integer()),
    errorMessage: Type.Optional(Type.String()),
  }),
  manifest: Type.Unknown(),
})
