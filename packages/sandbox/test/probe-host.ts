/** Prints what the sandbox offers a host that runs here. */
import { probeLevels } from '@tenon/sandbox'
import { markedWorld } from './marked-world.ts'

process.stdout.write(JSON.stringify(await probeLevels(markedWorld())))
