import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { presentNode, type ActionContext, type Hook, type HookContext } from '@tenon/map'
import { action, annotated, writing } from './annotated-folder.ts'

const IDENTITY = 'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\n'
const code = (wanted: string) => expect.objectContaining({ code: wanted })

describe('an action', () => {
  test('is given the node as it is now, who asks, and the time', async () => {
    const seen: { input: unknown; context: ActionContext }[] = []
    const looks = action({ invoke: (input, context) => (seen.push({ input, context }), { report: { ok: true } }) })
    const { act, folder } = await annotated([looks])
    writeFileSync(join(folder, 'a.md'), '---\nname: later\n---\nanother body')
    writeFileSync(join(folder, 'a.sm'), `${IDENTITY}annotations: {version: 4}\n`)
    expect(await act('p/act', { input: { deep: [1] }, invoker: 'plugin:q' })).toEqual({
      ...{ report: { ok: true }, wrote: false },
    })
    const [{ input, context } = { input: undefined, context: undefined }] = seen
    expect(input).toEqual({ deep: [1] })
    expect(context).toMatchObject({
      node: { path: 'a.md', frontmatter: { name: 'later' }, bytes: { body: 12 }, sidecar: { status: 'stale-both' } },
      ...{ nodeAbsolutePath: join(folder, 'a.md'), invoker: 'plugin:q', settings: {} },
    })
    expect(context?.now().toISOString()).toBe('2026-05-07T10:00:00.000Z')
  })

  test('that is done is told, with its report and whether it wrote, and hooks that wait for it are called', async () => {
    const told: HookContext[] = []
    const listen: Hook = {
      ...{ id: 'listen', kind: 'hook', version: '1.0.0', triggers: ['action.completed'] },
      filter: { wrote: true },
      on: (context) => void told.push(context),
    }
    const { act, events } = await annotated(
      [writing({ annotations: { tags: ['a'] } }), action({ id: 'idle' }), listen],
      {
        files: { 'a.md': 'body', 'a.sm': IDENTITY },
      },
    )
    await act()
    await act('p/idle')
    const data = { actionId: 'p/act', nodePath: 'a.md', report: { ok: true }, wrote: true }
    expect(events.map((event) => [event.type, event.data])).toEqual([
      ['action.completed', data],
      ['action.completed', { ...data, actionId: 'p/idle', wrote: false }],
    ])
    expect(told).toMatchObject([{ event: { data }, actionId: 'p/act', node: { path: 'a.md' } }])
  })

  test('that nobody has, or whose node is gone, is not found', async () => {
    const { act, node } = await annotated()
    await expect(act('p/none')).rejects.toThrow(code('ACTION_UNKNOWN'))
    await expect(act('core/bump', { node: { ...node, path: 'gone.md' } })).rejects.toThrow(code('NODE_UNKNOWN'))
  })

  test('reaches no file but below the roots, and by no link', async () => {
    const { act, node, folder, sidecar } = await annotated([], {
      files: { 'a.md': 'body', 'sub/b.md': 'body', 'other/a.md': 'body' },
    })
    symlinkSync(join(folder, 'sub'), join(folder, 'link'))
    symlinkSync(join(folder, 'a.md'), join(folder, 'c.md'))
    for (const path of ['link/b.md', 'c.md', '../a.md', 'sub/../a.md', './a.md', join(folder, 'a.md')])
      await expect(act('core/bump', { node: { ...node, path } })).rejects.toThrow(code('NODE_UNKNOWN'))
    expect([sidecar(), sidecar('c.sm'), sidecar('sub/b.sm')]).toEqual([undefined, undefined, undefined])
  })

  test('that is a prompt is a job, and not run', async () => {
    const prompt = { mode: 'probabilistic', promptTemplateRef: 'p.md', expectedDurationSeconds: 1 } as const
    const { act } = await annotated([action(prompt)])
    await expect(act()).rejects.toThrow(code('ACTION_REFUSED'))
  })

  test.each([
    ['kind', { kind: ['skill'] }],
    ['Provider', { provider: ['claude'] }],
    ['stability', { stability: ['stable'] }],
    ['condition of its own', { custom: ['tests-pass'] }],
  ])('that is for another %s is not run', async (_, precondition) => {
    const { act, sidecar } = await annotated([writing({ annotations: {} }, { precondition })])
    await expect(act()).rejects.toThrow(code('ACTION_REFUSED'))
    expect(sidecar()).toBeUndefined()
  })

  test('that is for this kind, Provider and stability is run', async () => {
    const precondition = { kind: ['markdown'], provider: ['markdown'], stability: ['stable', 'experimental'] }
    const { act } = await annotated([action({ precondition })], {
      files: { 'a.md': 'body', 'a.sm': `${IDENTITY}annotations: {stability: stable}\n` },
    })
    expect((await act()).report).toEqual({ ok: true })
  })

  test('that throws has failed, and nothing is told or written', async () => {
    const { act, events, sidecar } = await annotated([action({ invoke: () => Promise.reject(new Error('not now')) })])
    await expect(act()).rejects.toThrow(
      expect.objectContaining({ code: 'OPERATION_FAILED', message: expect.stringContaining('not now') }),
    )
    expect([events, sidecar()]).toEqual([[], undefined])
  })

  type Outcome = { report?: object; writes?: object[] } | null
  const write = { kind: 'sidecar', path: '/etc/a.sm', changes: {} }
  test.each([
    ['nothing', null],
    ['a report that says not whether it went well', { report: {} }],
    ['more than it may', { report: { ok: true }, run: 'rm' }],
    ['a write of another kind', { report: { ok: true }, writes: [{ ...write, kind: 'file' }] }],
    ['a write to another file', { report: { ok: true }, writes: [write] }],
  ])('that answers %s is refused, and nothing is written', async (_, outcome: Outcome) => {
    const { act, sidecar } = await annotated([
      action({
        invoke: (_input, context) => {
          const mine = { kind: 'sidecar', path: context.nodeAbsolutePath.replace(/md$/, 'sm'), changes: {} }
          return (outcome === null ? null : { ...outcome, writes: [mine, ...(outcome.writes ?? [])] }) as never
        },
      }),
    ])
    await expect(act()).rejects.toThrow(code('OUTPUT_INVALID'))
    expect(sidecar()).toBeUndefined()
  })

  test('of a plugin whose settings are invalid is not run', async () => {
    const { act } = await annotated([], {
      more: [
        {
          plugin: {
            id: 'q',
            version: '1.0.0',
            granularity: 'bundle',
            settings: { n: { type: 'integer', label: 'n', default: 1.5 } },
          },
          module: { default: action() },
        },
      ],
    })
    await expect(act('q/act')).rejects.toThrow(code('ACTION_REFUSED'))
  })
})

describe('core/bump', () => {
  const AT = { lastBumpedAt: '2026-05-07T10:00:00.000Z' }

  test('makes the first sidecar of a node, and then refuses what is fresh, or lets it be when forced', async () => {
    const { act, node, sidecar } = await annotated()
    expect(await act('core/bump')).toEqual({ report: { ok: true, version: 1, createdSidecar: true }, wrote: true })
    const text = sidecar()
    expect(text).toBe(
      [
        ...['annotations:', '  version: 1', 'audit:', `  createdAt: '${AT.lastBumpedAt}'`, '  createdBy: cli'],
        ...[`  lastBumpedAt: '${AT.lastBumpedAt}'`, '  lastBumpedBy: cli', 'identity:', `  bodyHash: ${node.bodyHash}`],
        ...[`  frontmatterHash: ${node.frontmatterHash}`, '  path: a.md', ''],
      ].join('\n'),
    )
    expect(await act('core/bump')).toEqual({ report: { ok: false, reason: 'fresh' }, wrote: false })
    expect(await act('core/bump', { input: { force: true } })).toEqual({
      report: { ok: true, noop: true },
      wrote: false,
    })
    expect(sidecar()).toBe(text)
  })

  test('counts a version more of what has drifted, and says who did it; who made it stays', async () => {
    const held = 'annotations: {version: 7, stability: stable}\naudit: {createdBy: ui, own: 1}\nmine: [1]\n'
    const { act, folder, node } = await annotated([], { files: { 'a.md': 'body', 'a.sm': IDENTITY + held } })
    expect((await act('core/bump', { invoker: 'plugin:p' })).report).toEqual({ ok: true, version: 8 })
    expect((await presentNode({ folders: [folder] }, node)).node.sidecar).toMatchObject({
      status: 'fresh',
      root: {
        annotations: { version: 8, stability: 'stable' },
        audit: { ...AT, lastBumpedBy: 'plugin:p', createdBy: 'ui', own: 1 },
        mine: [1],
      },
    })
  })

  test('leaves a sidecar alone that cannot be used', async () => {
    for (const text of ['a: [', 'annotations: {}', `${IDENTITY}annotations: {version: zero}\n`]) {
      const { act, sidecar } = await annotated([], { files: { 'a.md': 'body', 'a.sm': text } })
      await expect(act('core/bump')).rejects.toThrow(code('SIDECAR_INVALID'))
      expect(sidecar()).toBe(text)
    }
  })
})
