import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

export default {
  gate: 'blocks',
  harm: (root) =>
    write(
      root,
      'docs/guide.md',
      'Text.\n\n```sh\nls\ntenon plugin validat\nnpx tenon call demo-plugin echo --input examples/gone.json\n```\n',
    ),
} satisfies GateCase
