import { edit } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'schemas',
  harm: (root) => edit(root, 'schemas/echo.in.schema.json', (text) => text.replace('"properties"', '"propertys"')),
} satisfies GateCase
