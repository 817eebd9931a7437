import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'assets',
  harm: (root) => {
    write(root, 'ids/cards/01ARZ3NDEKTSV4RRFFQ69G5FAV.yaml', '')
    write(root, '.ledger/ids.jsonl', '')
    write(root, 'scripts/ids/guard.mjs', '')
    write(root, '.github/workflows/id-guard.yml', '')
    write(root, 'policies/base/1.0.0/pack.yaml', '')
  },
} satisfies GateCase
