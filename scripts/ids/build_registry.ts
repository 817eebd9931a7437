// Writes ids/registry.yaml as the ledger implies it. Written by "tenon repo init", never edited.
import { run } from './guard.mjs'

process.exitCode = await run(['registry', ...process.argv.slice(2)])
