// Fails when a repository is not as it must be. Written by "tenon repo init", never edited.
import { run } from './guard.mjs'

process.exitCode = await run(['state', ...process.argv.slice(2)])
