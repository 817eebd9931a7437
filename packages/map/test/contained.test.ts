import { limits, type Json } from '@tenon/contract'
import { builtInPlugins, containedExtensions, WORKER_ENTRY, workerFiles, type MapPlugin } from '@tenon/map'
import { describe, expect, test } from 'vitest'
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

/** Of these extensions none walks. */
const noWalker = (): never => expect.unreachable()

type Call = { operation: string; bytes: number }
type Work = { index: number; kind: string; part: string }

/** A worker that a test plays: it gives the answers that the three extensions would give. */
async function scanWithWorker(files: Files) {
  const calls: Call[] = []
  let [given, answer] = ['', '']
  const call = async (operation: string, input: Json): Promise<Json> => {
    const text = JSON.stringify(input)
    calls.push({ operation, bytes: text.length })
    const { index, kind, part } = Object(JSON.parse(text)) as Work
    if (operation === 'describe') return manifests.map((manifest) => ({ manifest, kinds: [manifest.kind] }))
    if (operation === 'give') given += part
    if (operation === 'work') {
      expect(manifests[index]?.kind).toBe(kind)
      answer = JSON.stringify(answerTo(kind, JSON.parse(given + part)))
      given = ''
    }
    const half = answer.slice(0, Math.ceil(answer.length / 2))
    answer = answer.slice(half.length)
    return { part: half, isLast: answer === '' }
  }
  const far = (await containedExtensions(call, noWalker)).map((described) => ({ plugin, ...described }))
  const extensions = [...builtInPlugins, ...far]
  return { ...(await scanFolder({ files, extensions })), calls }
}

type Input = { path: string; body: string }

function answerTo(kind: string, [first]: [Input[] & { nodes: unknown[] }]): unknown {
  if (kind === 'provider') return first.map(({ path }) => ({ value: path === 'n.md' ? 'note' : null }))
  if (kind === 'extractor')
    return first.map(({ body }) => ({ value: [{ link: { target: body.slice(0, 5), kind: 'mentions' } }] }))
  const issue = { ruleId: 'many', nodeIds: ['n.md'], message: `${first.nodes.length} nodes` }
  return { value: { issues: [issue], contributions: [] } }
}

test('the extensions of a worker take part like any other', async () => {
  const { result, faults, errors } = await scanWithWorker({ 'a.md': 'alpha', 'n.md': 'notes \ud83d\udd28' })
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
  const works = calls.filter(({ operation }) => operation === 'work')
  expect(result.nodes).toHaveLength(40)
  expect(result.links).toHaveLength(40)
  expect(works.length).toBeLessThan(20)
  expect(calls.some(({ operation }) => operation === 'give')).toBe(true)
  expect(Math.max(...calls.map(({ bytes }) => bytes))).toBeLessThan(limits.frameBytes)
})

test('what a rule of a worker depends on comes with it', async () => {
  const dependsOn = { nodes: [['kind']], each: true }
  const described = manifests.map((manifest) => ({
    manifest,
    kinds: [manifest.kind],
    ...(manifest.kind === 'rule' && { dependsOn }),
  }))
  const far = await containedExtensions(async () => described, noWalker)
  expect(far.map((one) => one.dependsOn)).toEqual([undefined, undefined, dependsOn])
})

test('the files of a worker are its entry, the modules and the kernel’s side of the port, without types', () => {
  const files = new Map(
    workerFiles([{ path: 'src/it.mjs', bytes: Buffer.from('export default {}') }], ['src/it.mjs']).map(
      ({ path, bytes }) => [path, Buffer.from(bytes).toString()],
    ),
  )
  expect([...files.keys()]).toEqual(['src/it.mjs', 'in-process.mjs', 'store-facade.mjs', WORKER_ENTRY])
  expect(files.get('src/it.mjs')).toBe('export default {}')
  expect(files.get(WORKER_ENTRY)).toContain('["./src/it.mjs"]')
  // The worker has nothing but these files and the sdk to import from.
  for (const name of ['in-process.mjs', 'store-facade.mjs']) expect(files.get(name)).not.toMatch(/^\s*import /m)
})

test('an answer may hold as deep front matter as a file, and any brackets in a text', async () => {
  const text = JSON.stringify('[{'.repeat(999))
  const deep = `${'['.repeat(99)}${text}${']'.repeat(99)}`
  const call = async (operation: string): Promise<Json> =>
    operation === 'describe'
      ? [{ manifest: manifests[1] ?? null, kinds: ['extractor'] }]
      : { part: `[{"value":[{"enrichment":{"frontmatter":{"a":${deep}}}}]}]`, isLast: true }
  const far = (await containedExtensions(call, noWalker)).map((described) => ({ plugin, ...described }))
  const { errors, enrichments } = await scanFolder({ files: { 'a.md': '' }, extensions: [...builtInPlugins, ...far] })
  expect([errors, enrichments.length]).toEqual([[], 1])
})

describe('a worker that is hostile', () => {
  const scanBy = async (answer: Json) => {
    let works = 0
    const call = async (operation: string): Promise<Json> => {
      if (operation === 'describe') return [{ manifest: manifests[1] ?? null, kinds: ['extractor'] }]
      if (operation === 'work') works += 1
      return answer
    }
    const far = (await containedExtensions(call, noWalker)).map((described) => ({ plugin, ...described }))
    const files = Object.fromEntries(
      Array.from({ length: limits.mapBatchFiles + 1 }, (_, index) => [`${index}.md`, '']),
    )
    const { result, errors } = await scanFolder({ files, extensions: [...builtInPlugins, ...far] })
    return { nodes: result.nodes.length, errors: errors.length, works }
  }

  test.each<[string, Json]>([
    ['answers without text', { part: 1 }],
    ['never comes to an end', { part: '', isLast: false }],
    ['never stops', { part: 'x'.repeat(limits.mapAnswerChars / 2), isLast: false }],
    ['gives no JSON', { part: '{', isLast: true }],
    ['nests without end', { part: `[{"value":["\\\\",${'['.repeat(9_999)}${']'.repeat(9_999)}]}]`, isLast: true }],
  ])('and %s is told once, and asked no more', async (_, answer) => {
    expect(await scanBy(answer)).toEqual({ nodes: limits.mapBatchFiles + 1, errors: 1, works: 1 })
  })

  test.each(['null', '{}', '[]', '{"value":3}', '{"failure":{"x":1}}'])(
    'and answers %s for a rule or a hook is told, and the scan goes on',
    async (text) => {
      const described = [
        { manifest: manifests[2] ?? null, kinds: ['rule'] },
        {
          manifest: { id: 'late', kind: 'hook', version: '1.0.0', triggers: ['scan.completed'] },
          kinds: ['hook'],
        },
      ]
      const call = async (operation: string): Promise<Json> =>
        operation === 'describe' ? described : { part: text, isLast: true }
      const far = (await containedExtensions(call, noWalker)).map((one) => ({ plugin, ...one }))
      const { result, errors } = await scanFolder({ files: { 'a.md': '' }, extensions: [...builtInPlugins, ...far] })
      expect(result.nodes).toHaveLength(1)
      expect(errors.length).toBeGreaterThan(0)
    },
  )

  test('and describes nothing is refused', async () => {
    await expect(containedExtensions(async () => 'all of them', noWalker)).rejects.toThrow('did not describe')
  })
})
