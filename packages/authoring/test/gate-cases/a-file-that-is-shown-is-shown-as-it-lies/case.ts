import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'blocks',
  harm: (root) =>
    write(root, 'docs/guide.md', '```json examples/echo_request.json\n{}\n```\n\n```ts src/gone.ts\n```\n'),
} satisfies GateCase
