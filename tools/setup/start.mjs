// npm start: brings a clone up, then runs `tenon up` on the pinned Node.
import { join } from 'node:path'
import { root } from './pinned-node.mjs'
import { prepare } from './prepare.mjs'
import { hand } from './hand-over.mjs'

const node = prepare({ tests: false })
hand(node, [join(root, 'packages/cli/bin/tenon.mjs'), 'up', ...process.argv.slice(2)])
