import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'spec',
  harm: (root) => write(root, 'plugin.spec.json', '{\n  "id": \n}'),
} satisfies GateCase
