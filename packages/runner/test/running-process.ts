// A process that runs a plugin which never ends, for a test to kill.
import { wallWorld } from '@tenon/testkit'
import { doing, stageIn } from './ordered-run.ts'

await stageIn(process.argv[2] ?? '', wallWorld()).run({ config: doing('time.sleep(600)') })
