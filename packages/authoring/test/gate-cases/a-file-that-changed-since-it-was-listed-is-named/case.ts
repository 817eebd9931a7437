import { edit } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'checksums',
  harm: (root) => edit(root, 'src/echo.ts', (text) => `${text}\n`),
} satisfies GateCase
