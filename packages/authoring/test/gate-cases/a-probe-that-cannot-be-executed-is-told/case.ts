import { write } from '../../plugins.ts'
import type { GateCase } from '../gate-case.ts'

const PROBES = `# Health

\`\`\`probe
id: gone
kind: op
target: gone
timeout_ms: 10
fail_after: 1
\`\`\`

\`\`\`probe
id: gone
kind: op
target: echo
request: examples/other.json
timeout_ms: 10
fail_after: 1
\`\`\`

\`\`\`probe
id: kept
kind: ledger
target: plugin.sleep
timeout_ms: 10
fail_after: 1
\`\`\`

\`\`\`probe
id: [
\`\`\`

\`\`\`probe
id: odd
kind: prayer
timeout_ms: 0
\`\`\`
`

export default {
  gate: 'probes',
  harm: (root) => write(root, 'healthcheck.md', PROBES),
} satisfies GateCase
