import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'probes',
  harm: (root) => write(root, 'healthcheck.md', '# Health\n'),
} satisfies GateCase
