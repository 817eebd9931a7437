/** A host in whose groups a launcher waits, and beside it, once a plugin was there, a guest: `standby-host.ts MARK STATE`. */
import { chooseLevel, levelProbe, standbyOf, startPlugin } from '@tenon/sandbox'
import { wallWorld } from '@tenon/testkit'

const [mark = '', stateDir = ''] = process.argv.slice(2)
let made = 0
const world = { ...wallWorld(), newId: () => `${mark}-${(made += 1)}` }
// What waits, and what makes it, keeps no host awake.
setInterval(() => {}, 60_000)
const level = await chooseLevel(levelProbe(world), { required: [], requested: 'A', signed: false })
const code = { bytes: Buffer.from('export default { operations: {} }') }
const plugin = await startPlugin({
  ...{ world, level, plugin: { id: 'sample', version: '1.0.0', kind: 'node', code } },
  ...{ limits: {}, mounts: [], workspace: undefined, env: {}, handlers: {}, stateDir, standby: standbyOf(world) },
  ...{ onLog: () => {}, onDegraded: () => {}, onThrottled: () => {} },
})
await plugin.stop()
