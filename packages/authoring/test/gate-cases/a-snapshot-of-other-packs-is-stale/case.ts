import { edit } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'snapshot',
  harm: (root) =>
    edit(root, 'policy_snapshot.json', (text) => text.replace(/"version": "[^"]+"/, '"version": "0.0.1"')),
} satisfies GateCase
