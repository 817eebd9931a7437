import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'operations',
  harm: (root) => write(root, 'tests/test_echo.ts', 'export {}\n'),
} satisfies GateCase
