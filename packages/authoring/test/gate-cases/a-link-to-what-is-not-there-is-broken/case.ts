import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'links',
  harm: (root) => write(root, 'docs/guide.md', '[a](gone.md)\n[b](../CHANGELOG.md#gone)\n\n![c][d]\n\n[d]: ../Src/\n'),
} satisfies GateCase
