import { limits, type Json } from '@tenon/contract'
import { builtInPlugins, containedExtensions, WORKER_ENTRY, workerFiles, type MapPlugin } from '@tenon/map'
import { expect, test } from 'vitest'
import { scanFolder, type Files } from './folder-scan.ts'

const plugin: MapPlugin = { id: 'far', version: '1.0.0', granularity: 'bundle' }

const manifests = [
  { id: 'notes', kind: 'provider', version: '1.0.0', explorationDir: '.', kinds: { note: kindOf() } },
  { id: 'echo', kind: 'extractor', version: '1.0.0', emitsLinkKinds: ['mentions'], defaultConfidence: 'low' },
  { id: 'many', kind: 'rule', version: '1.0.0', emitsRuleIds: ['many'], defaultSeverity: 'info' },
]

function kindOf(): Json {
  return { schema: {}, defaultRefreshAction: 'far/read', ui: { label: 'N', color: '#000000' } }
}

type Call = { operation: string; bytes: number }
type Inputs = { index: number; inputs: { path?: string; body: string }[]; graph: { nodes: unknown[] } }

/** A worker that a test plays: it gives the answers that the three extensions would give. */
async function scanWithWorker(files: Files) {
  const calls: Call[] = []
  const call = async (operation: string, input: Json): Promise<Json> => {
    const text = JSON.stringify(input)
    calls.push({ operation, bytes: text.length })
    if (operation === 'describe') return manifests.map((manifest) => ({ manifest, kinds: [manifest.kind] }))
    const { index, inputs, graph } = JSON.parse(text) as Inputs
    expect(manifests[index]?.kind).toBe(operation)
    if (operation === 'provider') return inputs.map(({ path }) => ({ value: path === 'n.md' ? 'note' : null }))
    if (operation === 'extractor')
      return inputs.map(({ body }) => ({ value: [{ link: { target: body.slice(0, 5), kind: 'mentions' } }] }))
    const issue = { ruleId: 'many', nodeIds: ['n.md'], message: `${graph.nodes.length} nodes` }
    return { value: { issues: [issue], contributions: [] } }
  }
  const extensions = [...builtInPlugins, ...(await containedExtensions(plugin, call))]
  return { ...(await scanFolder({ files, extensions })), calls }
}

test('the extensions of a worker take part like any other', async () => {
  const { result, faults, errors } = await scanWithWorker({ 'a.md': 'alpha', 'n.md': 'notes' })
  expect(faults).toEqual([])
  expect(errors).toEqual([])
  expect(result.nodes.map(({ path, provider }) => `${path} ${provider}`)).toEqual(['n.md notes', 'a.md markdown'])
  expect(result.links.map(({ target, sources }) => `${sources.join()} ${target}`)).toEqual(['echo notes', 'echo alpha'])
  expect(result.issues.map(({ message }) => message)).toContain('2 nodes')
})

test('many nodes go in few calls, each of which fits a frame', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`${index}.md`, `${index}`.padEnd(40_000, '.')]),
  )
  const { calls, result } = await scanWithWorker(files)
  const extractions = calls.filter(({ operation }) => operation === 'extractor')
  expect(result.nodes).toHaveLength(40)
  expect(extractions.length).toBeGreaterThan(1)
  expect(extractions.length).toBeLessThan(20)
  expect(Math.max(...extractions.map(({ bytes }) => bytes))).toBeLessThan(limits.frameBytes)
})

test('the files of a worker are its entry, the modules and the kernel’s side of the port, without types', () => {
  const files = new Map(
    workerFiles([Buffer.from('export default {}')]).map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]),
  )
  expect([...files.keys()]).toEqual(['extension-0.mjs', 'in-process.mjs', WORKER_ENTRY])
  expect(files.get('extension-0.mjs')).toBe('export default {}')
  expect(files.get(WORKER_ENTRY)).toContain('["./extension-0.mjs"]')
  // The worker has nothing but these files and the sdk to import from.
  expect(files.get('in-process.mjs')).not.toMatch(/^\s*import /m)
})
