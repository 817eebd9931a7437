import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'baseline',
  harm: (root) => rmSync(join(root, 'ledger_contract.json')),
} satisfies GateCase
