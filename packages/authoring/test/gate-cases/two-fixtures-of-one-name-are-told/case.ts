import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'owners',
  harm: (root) => write(root, 'conformance/examples/echo_request.json', '{}'),
} satisfies GateCase
