import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'references',
  harm: (root) => write(root, 'tests/test_gone.ts', "import one from '../examples/gone_request.json'\n"),
} satisfies GateCase
