import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'tree',
  harm: (root) => write(root, 'aux.md', 'a\n'),
} satisfies GateCase
