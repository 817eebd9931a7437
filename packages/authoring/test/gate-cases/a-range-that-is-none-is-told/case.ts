import { editSpec } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'ranges',
  harm: (root) => editSpec(root, (spec) => (spec.dependencies = { 'acme/other': 'new' })),
} satisfies GateCase
