import { edit } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'probes',
  harm: (root) => edit(root, 'healthcheck.md', (text) => text.replace('timeout_ms: 5000', 'timeout_ms: 60000')),
} satisfies GateCase
