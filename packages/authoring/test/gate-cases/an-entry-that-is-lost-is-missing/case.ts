import { editSpec } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'files',
  harm: (root) => editSpec(root, (spec) => (spec.runtime = { kind: 'node', entry: 'src/gone.ts' })),
} satisfies GateCase
