import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'checksums',
  harm: (root) => rmSync(join(root, 'CHANGELOG.md')),
} satisfies GateCase
