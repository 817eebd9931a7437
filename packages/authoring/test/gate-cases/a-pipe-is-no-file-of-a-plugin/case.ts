import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'tree',
  harm: (root) => execFileSync('mkfifo', [join(root, 'src/pipe')]),
} satisfies GateCase
