import { editSpec } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'policy',
  harm: (root) => editSpec(root, (spec) => Object.assign(spec.operations?.[0] ?? {}, { timeoutMs: 60_000 })),
} satisfies GateCase
