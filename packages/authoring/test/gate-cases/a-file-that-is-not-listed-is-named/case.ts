import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'checksums',
  harm: (root) => write(root, 'src/extra.ts', 'export {}\n'),
} satisfies GateCase
