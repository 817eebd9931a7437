import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'operations',
  harm: (root) => rmSync(join(root, 'tests/test_echo.ts')),
} satisfies GateCase
