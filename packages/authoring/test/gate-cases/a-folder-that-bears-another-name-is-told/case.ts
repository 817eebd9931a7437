import { editSpec } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'tree',
  harm: (root) => editSpec(root, (spec) => (spec.id = 'another')),
} satisfies GateCase
