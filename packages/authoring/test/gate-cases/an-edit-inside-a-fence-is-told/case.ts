import { edit } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'derived',
  harm: (root) => edit(root, 'src/plugin.ts', (text) => text.replace('operations = {', 'operations = { x,')),
} satisfies GateCase
