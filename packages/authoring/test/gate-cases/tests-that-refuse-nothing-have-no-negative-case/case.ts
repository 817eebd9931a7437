import { edit } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'operations',
  harm: (root) => edit(root, 'tests/test_echo.ts', (text) => text.replace(/^ {2}await assert\.rejects/m, '  // $&')),
} satisfies GateCase
