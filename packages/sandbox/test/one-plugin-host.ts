/** A host of its own process, for tests that kill it or run it as another user: `one-plugin-host.ts LEVEL|best STATE`. */
import { chooseLevel, LEVELS, probeLevels, startPlugin } from '@tenon/sandbox'
import { markedWorld } from './marked-world.ts'

const [wanted = '', stateDir = ''] = process.argv.slice(2)
const world = markedWorld()
const source = `export default { operations: {
  hi: () => 'hi',
  eat: () => { const held = []; for (;;) held.push(Buffer.alloc(1_048_576, 1)) },
} }`
const requested = LEVELS.find((level) => level === wanted)
const wish = { required: [], signed: false, ...(requested === undefined ? {} : { requested }) }
const level = chooseLevel(await probeLevels(world), wish)
const plugin = await startPlugin({
  world,
  level,
  plugin: { id: 'one', version: '1.0.0', kind: 'node', code: { bytes: Buffer.from(source) } },
  limits: { memoryMb: 128 },
  mounts: [],
  workspace: undefined,
  env: {},
  handlers: {},
  onLog: () => {},
  onDegraded: () => {},
  stateDir,
})
process.stdout.write(`running ${level.level}: ${JSON.stringify(await plugin.call('hi', null, { traceId: 't' }))}\n`)
if (wanted === 'best') {
  await plugin.call('eat', null, { traceId: 't' }).catch(() => {})
  process.stdout.write(`${(await plugin.ended).reason}\n`)
} else await plugin.ended
