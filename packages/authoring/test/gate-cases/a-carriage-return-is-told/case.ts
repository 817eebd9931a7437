import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'tree',
  harm: (root) => write(root, 'notes.md', 'a\r\n'),
} satisfies GateCase
