import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'tree',
  harm: (root) => {
    write(root, 'docs/a.md', 'a\n')
    write(root, 'docs/A.md', 'a\n')
  },
} satisfies GateCase
