import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'tree',
  harm: (root) => symlinkSync('/etc/passwd', join(root, 'src/secrets')),
} satisfies GateCase
