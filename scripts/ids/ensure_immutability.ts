// Fails a change of what never changes. Written by "tenon repo init", never edited.
import { run } from './guard.mjs'

process.exitCode = await run(['immutability', ...process.argv.slice(2)])
