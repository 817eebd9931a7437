/**
 * A host of its own process, for tests that kill it or run it as another user: `one-plugin-host.ts LEVEL|best STATE
 * [WORKSPACE]`. With a workspace, its plugin may read the whole machine and tells what it sees there.
 */
import { chooseLevel, LEVELS, levelProbe, startPlugin } from '@tenon/sandbox'
import { markedWorld } from './marked-world.ts'

const [wanted = '', stateDir = '', workspace] = process.argv.slice(2)
const world = markedWorld()
// But on level F, where nothing else ends it, it does not end by itself when nobody speaks with it any more.
const stays = wanted === 'F' ? '' : 'process.exit = () => {}; setInterval(() => {}, 60_000)'
const source = `import fs from 'node:fs'
import process from 'node:process'
${stays}
export default { operations: {
  hi: () => 'hi',
  list: (folder) => fs.readdirSync('/machine' + folder),
  eat: () => { const held = []; for (;;) held.push(Buffer.alloc(1_048_576, 1)) },
} }`
const requested = LEVELS.find((level) => level === wanted)
const wish = { required: [], signed: wanted === 'F', ...(requested === undefined ? {} : { requested }) }
const level = await chooseLevel(levelProbe(world), wish)
const plugin = await startPlugin({
  world,
  level,
  plugin: { id: 'one', version: '1.0.0', kind: 'node', code: { bytes: Buffer.from(source) } },
  limits: { memoryMb: 128 },
  mounts: workspace === undefined ? [] : [{ source: '/', target: '/machine', readOnly: true }],
  workspace,
  env: {},
  handlers: {},
  onLog: () => {},
  onDegraded: () => {},
  onThrottled: () => {},
  stateDir,
})
const ask = async (operation: string, input: string | null): Promise<string> =>
  JSON.stringify(await plugin.call(operation, input, { traceId: 't' }))

process.stdout.write(`running ${level.level}: ${await ask('hi', null)}\n`)
if (workspace !== undefined) {
  process.stdout.write(`sees ${await ask('list', workspace)}`)
  process.stdout.write(` and ${await ask('list', `${workspace}/.tenon`).catch(({ message }: Error) => message)}\n`)
  await plugin.stop()
} else if (wanted === 'best') {
  await ask('eat', null).catch(() => {})
  process.stdout.write(`${(await plugin.ended).reason}\n`)
} else await plugin.ended
