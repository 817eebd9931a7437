// npm run …: sets a clone up for development, then runs one of its tools on the pinned Node.
import { prepare } from './prepare.mjs'
import { hand } from './hand-over.mjs'

const [script, ...args] = process.argv.slice(2)
hand(prepare({ tests: true }), [script, ...args])
