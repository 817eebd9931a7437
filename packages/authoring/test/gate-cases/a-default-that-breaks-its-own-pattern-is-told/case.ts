import { editSpec } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'settings',
  harm: (root) =>
    editSpec(
      root,
      (spec) => (spec.settings = { word: { type: 'single-string', label: 'w', pattern: '^a', default: 'b' } }),
    ),
} satisfies GateCase
