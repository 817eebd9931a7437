import { builtInPlugins, type Action, type Answer, type ExtractorInput, type Formatter, type Rule } from '@tenon/map'
import { describe, expect, test } from 'vitest'
import { brief, pluginOf, scanFolder } from './folder-scan.ts'
import { extractor, messages, provider, rule, scanWith } from './foreign-extension.ts'

describe('loading', () => {
  const faultsOf = async (...extensions: unknown[]) =>
    (await scanWith(extensions as object[])).faults.map(
      ({ pluginId, status, reason }) => `${pluginId}: ${status} — ${reason}`,
    )

  test.each<[string, unknown, RegExp]>([
    ['no export', undefined, /load-error — null is no kind/],
    ['an unknown kind', { ...rule(), kind: 'critic' }, /load-error — "critic" is no kind/],
    ['a mode on an extractor', { ...extractor(), mode: 'deterministic' }, /load-error.*"mode"/],
    ['no method', { ...rule(), evaluate: 1 }, /load-error.*evaluate/],
    ['another owner', { ...rule(), pluginId: 'core' }, /invalid-manifest.*"core"/],
    ['a cycle', cyclic(), /load-error.*no JSON/],
    ['an unknown contract', extractor({ viewContributions: { x: { contract: 'node-chart' as never } } }), /contract/],
    ['a counter without icon', extractor({ viewContributions: { x: { contract: 'node-counter' } } }), /needs an icon/],
    ['no kinds it applies to', extractor({ applicableKinds: [] }), /applicableKinds/],
    ['a Provider without ui', withoutUi(), /p: .*invalid.*must have required property 'ui'/],
    ['an unusable schema', withSchema({ pattern: '(' }), /invalid-manifest.*schema of the kind "note"/],
    ['an annotation by an unusable schema', annotating({ schema: { pattern: '(' } }), /schema of the annotation "own"/],
    ['an annotation at the root for all', annotating({ schema: {}, location: 'root' }), /has to be exclusive/],
    ['an action without a mode', { ...action(), mode: undefined }, /load-error.*'mode'/],
    ['an action that is code and prompt', action({ promptTemplateRef: 'p.md' }), /has no promptTemplateRef/],
    ['a prompt without text and time', action({ mode: 'probabilistic' }), /promptTemplateRef.*expectedDurationSeconds/],
    ['a formatter without its method', { ...formatter(), format: undefined }, /load-error.*no format method/],
  ])('%s is refused', async (_, extension, told) => {
    expect(await faultsOf(extension)).toEqual([expect.stringMatching(told)])
  })

  test('one bad extension keeps the whole plugin out, and no other', async () => {
    const { result, faults } = await scanFolder({
      files: { 'a.md': '' },
      extensions: [
        ...builtInPlugins,
        ...pluginOf('bad', [rule({ id: 'fine' }), { kind: 'rule' }]),
        ...pluginOf('good', [rule()]),
      ],
    })
    expect(faults.map(({ pluginId }) => pluginId)).toEqual(['bad'])
    expect(result.issues).toHaveLength(1)
  })

  test('an id is free in another kind and taken in the same', async () => {
    expect(await faultsOf(rule({ id: 'same' }), extractor({ id: 'same' }))).toEqual([])
    expect(await faultsOf(rule({ id: 'same' }), rule({ id: 'same' }))).toEqual([
      'p: invalid-manifest — two extensions are the rule p/same',
    ])
  })

  test('an action that is a prompt needs no code', async () => {
    const prompt = action({ mode: 'probabilistic', promptTemplateRef: 'p.md', expectedDurationSeconds: 5 })
    expect(await faultsOf({ ...prompt, invoke: undefined }, formatter())).toEqual([])
  })

  test('two plugins that claim one root key of sidecars are fatal, unless one is off', async () => {
    const claims = { own: { schema: {}, location: 'root' as const, ownership: 'exclusive' as const } }
    const extensions = [
      ...pluginOf('one', [rule({ annotationContributions: claims })]),
      ...pluginOf('two', [rule({ annotationContributions: claims })]),
    ]
    await expect(scanFolder({ extensions })).rejects.toMatchObject({
      code: 'SCAN_FAILED',
      details: { key: 'own', plugins: ['one', 'two'] },
    })
    expect((await scanFolder({ extensions, options: { disabled: { keys: ['two'] } } })).faults).toEqual([])
  })

  function annotating(own: NonNullable<Rule['annotationContributions']>[string]): Rule {
    return rule({ annotationContributions: { own } })
  }

  function action(more: Partial<Action> = {}): Action {
    return {
      id: 'act',
      kind: 'action',
      version: '1.0.0',
      mode: 'deterministic',
      reportSchemaRef: 'report.schema.json',
      invoke: () => ({ report: { ok: true } }),
      ...more,
    }
  }

  function formatter(): Formatter {
    return { id: 'words', kind: 'formatter', version: '1.0.0', formatId: 'words', format: () => '' }
  }

  function withoutUi(): object {
    const { kinds, ...rest } = provider()
    const { ui: _, ...note } = kinds['note'] ?? { ui: 0 }
    return { ...rest, kinds: { note } }
  }

  function withSchema(schema: object): object {
    const { kinds, ...rest } = provider()
    return { ...rest, kinds: { note: { ...kinds['note'], schema } } }
  }

  function cyclic(): object {
    const made = rule()
    return Object.assign(made, { annotationContributions: { made } })
  }
})

describe('code that lives elsewhere', () => {
  const manifest = { ...JSON.parse(JSON.stringify(extractor())), scope: 'body' }
  const scanBy = (run: (nodes: readonly ExtractorInput[]) => Promise<Answer<never>[]>) =>
    scanFolder({
      files: { 'a.md': 'one', 'b.md': 'two' },
      extensions: [
        ...builtInPlugins,
        {
          plugin: { id: 'far', version: '1.0.0', granularity: 'bundle' },
          manifest,
          runner: { extractor: async (nodes) => run(structuredClone(nodes)) },
        },
      ],
    })

  test('is given nodes and gives emissions, both plain data', async () => {
    const { result, errors } = await scanBy(async (nodes) =>
      nodes.map(({ body }) => ({ value: [{ link: { target: body, kind: 'mentions' } }] as never })),
    )
    expect(result.links.map(brief)).toEqual(['mentions one', 'mentions two'])
    expect(errors).toEqual([])
  })

  test.each<[string, () => Promise<Answer<never>[]>, string, number]>([
    ['is gone', () => Promise.reject(new Error('the worker ended')), 'the worker ended', 1],
    ['answers too little', async () => [], 'gave 0 answers to 2 questions', 1],
    ['answers nonsense', async () => [{ value: 'x' as never }, { value: [{ delete: '/' }] as never }], '', 2],
  ])('costs its own output when it %s', async (_, run, told, times) => {
    const { result, errors } = await scanBy(run)
    expect(result.nodes).toHaveLength(2)
    expect(result.links).toEqual([])
    expect(errors).toHaveLength(times)
    expect(messages(errors)[0]).toContain(told)
  })

  test('needs a runner of its kind', async () => {
    const { faults } = await scanFolder({
      extensions: [{ plugin: { id: 'far', version: '1.0.0', granularity: 'bundle' }, manifest, runner: {} }],
    })
    expect(faults).toEqual([expect.objectContaining({ pluginId: 'far', status: 'load-error' })])
  })

  test('a rule that is gone costs its own output', async () => {
    const { errors, result } = await scanFolder({
      files: { 'a.md': '' },
      extensions: [
        ...builtInPlugins,
        {
          plugin: { id: 'far', version: '1.0.0', granularity: 'bundle' },
          manifest: JSON.parse(JSON.stringify(rule())),
          runner: { rule: () => Promise.reject(new Error('the worker ended')) },
        },
      ],
    })
    expect(messages(errors)).toEqual(['the worker ended'])
    expect(result.issues).toEqual([])
  })
})

test('a scan tells what it does, in order', async () => {
  const { events } = await scanFolder({ files: { 'a.md': '' } })
  expect(events.map(({ type }) => type)).toEqual([
    'scan.started',
    'scan.progress',
    ...Array.from({ length: 5 }, () => 'extractor.completed'),
    ...Array.from({ length: 11 }, () => 'rule.completed'),
    'scan.completed',
  ])
  expect(events[1]).toEqual({
    type: 'scan.progress',
    timestamp: Date.UTC(2026, 0, 1),
    data: { index: 0, path: 'a.md', kind: 'markdown', cached: false },
  })
})
