import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'changelog',
  harm: (root) => write(root, 'CHANGELOG.md', '# Changelog\n'),
} satisfies GateCase
