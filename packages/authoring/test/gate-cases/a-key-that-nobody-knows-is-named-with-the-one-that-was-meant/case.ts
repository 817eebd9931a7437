import { editSpec } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'spec',
  harm: (root) => editSpec(root, (spec) => (spec['permision'] = [])),
} satisfies GateCase
