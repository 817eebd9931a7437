import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'owners',
  harm: (root) => {
    write(root, 'schemas/gone.in.schema.json', '{}')
    write(root, 'examples/gone_request.json', '{}')
    write(root, 'conformance/perf/gone.perf.json', '{}')
  },
} satisfies GateCase
