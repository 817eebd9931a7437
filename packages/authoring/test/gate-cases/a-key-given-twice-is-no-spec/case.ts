import { edit } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'spec',
  harm: (root) => edit(root, 'plugin.spec.json', (text) => text.replace('"version"', '"id": "other",\n  "version"')),
} satisfies GateCase
