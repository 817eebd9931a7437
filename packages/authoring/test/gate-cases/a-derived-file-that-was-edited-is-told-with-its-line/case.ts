import { edit } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'derived',
  harm: (root) => edit(root, 'README_PLUGIN.md', (text) => text.replace('# Demo', '# Dema')),
} satisfies GateCase
