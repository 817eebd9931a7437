import { openActions, type Action, type Node } from '@tenon/map'
import { wallWorld } from '@tenon/testkit'

const [folder = '', name = '', times = '0'] = process.argv.slice(2)

/** Counts for itself and for all who write. */
const count: Action = {
  ...{ id: 'count', kind: 'action', version: '1.0.0', mode: 'deterministic', reportSchemaRef: 'r.json' },
  invoke: (_, { node, nodeAbsolutePath }) => {
    const { [name]: mine = 0, version = 0 } = (node.sidecar?.annotations ?? {}) as Record<string, number>
    const changes = { annotations: { [name]: mine + 1, version: version + 1 } }
    return { report: { ok: true }, writes: [{ kind: 'sidecar', path: nodeAbsolutePath.replace(/md$/, 'sm'), changes }] }
  },
}

const { run } = openActions({
  ...{ places: { folders: [folder] }, world: wallWorld() },
  extensions: [{ plugin: { id: 'p', version: '1.0.0', granularity: 'bundle' }, module: { default: count } }],
})

const node = { path: 'a.md', kind: 'markdown', provider: 'markdown' } as Node

/** Whoever is overtaken three times tries again. */
async function counted(): Promise<void> {
  try {
    await run({ actionId: 'p/count', node, invoker: 'cli' })
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'SIDECAR_CHANGED')) throw thrown
    await counted()
  }
}

const alive = setInterval(() => {}, 60_000)
for (let time = 0; time < Number(times); time += 1) await counted()
clearInterval(alive)
process.stdout.write('done\n')
