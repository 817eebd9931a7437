import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'operations',
  harm: (root) => write(root, 'examples/echo_request.json', '{\n  "text": 3\n}\n'),
} satisfies GateCase
