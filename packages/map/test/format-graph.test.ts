import type { Json, JsonObject } from '@tenon/contract'
import {
  containedExtensions,
  formatGraph,
  type ExtensionSource,
  type Formatter,
  type FormatterContext,
} from '@tenon/map'
import { simulatedWorld } from '@tenon/testkit'
import { describe, expect, test } from 'vitest'
import { pluginOf } from './folder-scan.ts'

const formatter = (more: Partial<Formatter> | object = {}): Formatter => ({
  id: 'lines',
  kind: 'formatter',
  version: '1.0.0',
  formatId: 'lines',
  format: ({ nodes }) => `${nodes.length} nodes\n`,
  ...more,
})

const emptyGraph = { nodes: [], links: [], issues: [] }

type Options = NonNullable<Parameters<typeof formatGraph>[0]['options']>

const written = (extensions: readonly ExtensionSource[], format = 'lines', options: Options = {}) =>
  formatGraph({ format, graph: emptyGraph, extensions, world: simulatedWorld(1), options })

describe('a formatter', () => {
  test('writes the graph down, as plain text unless it says otherwise', async () => {
    expect(await written(pluginOf('p', [formatter()]))).toEqual({ text: '0 nodes\n', contentType: 'text/plain' })
    const html = formatter({ contentType: 'text/html', format: async () => '<p>' })
    expect(await written(pluginOf('p', [html]))).toEqual({ text: '<p>', contentType: 'text/html' })
  })

  test('is given nodes, links and issues, which it cannot change, and the settings of its plugin', async () => {
    const seen: FormatterContext[] = []
    const settings = { width: { type: 'integer', label: 'Width', default: 80 } } as const
    const looks = formatter({ format: (context: FormatterContext) => String(seen.push(context)) })
    await written(pluginOf('p', [looks], { settings }))
    await written(pluginOf('p', [looks], { settings }), 'lines', { settings: { p: { width: 3 }, q: { unknown: 1 } } })
    expect(seen).toEqual([
      { ...emptyGraph, settings: { width: 80 } },
      { ...emptyGraph, settings: { width: 3 } },
    ])
    const vandal = formatter({ format: ({ nodes }: { nodes: unknown[] }) => String(nodes.push('mine')) })
    await expect(written(pluginOf('p', [vandal]))).rejects.toMatchObject({ code: 'FORMAT_FAILED' })
  })

  test('of a plugin whose settings are invalid is not called, and what is wrong is said', async () => {
    const never = formatter({ format: () => expect.unreachable() })
    await expect(written(pluginOf('p', [never]), 'lines', { settings: { p: { x: 1 } } })).rejects.toMatchObject({
      code: 'FORMAT_FAILED',
      message: 'the settings of p are invalid: there is no setting "x"',
    })
  })

  test('that supports no filter writes whole maps only', async () => {
    const request = { format: 'lines', graph: emptyGraph, world: simulatedWorld(1), isFiltered: true }
    const part = (more: object) => formatGraph({ ...request, extensions: pluginOf('p', [formatter(more)]) })
    await expect(part({ supportsFilter: false })).rejects.toMatchObject({
      ...{ code: 'FORMAT_UNFILTERED', message: 'the formatter p/lines writes whole maps only' },
      hint: expect.stringContaining('sm graph --format lines'),
    })
    for (const supports of [{}, { supportsFilter: true }]) expect((await part(supports)).text).toBe('0 nodes\n')
    expect((await written(pluginOf('p', [formatter({ supportsFilter: false })]))).text).toBe('0 nodes\n')
  })

  test('may live in a worker', async () => {
    const { format: _, ...manifest } = formatter()
    const call = async (operation: string, input: Json): Promise<Json> =>
      operation === 'describe'
        ? [{ manifest: manifest as JsonObject, kinds: ['formatter'] }]
        : { part: JSON.stringify({ value: `${operation} ${JSON.stringify(input)}` }), isLast: true }
    const plugin = { id: 'far', version: '1.0.0', granularity: 'bundle' as const }
    const far = (await containedExtensions(call, () => expect.unreachable())).map((described) => ({
      plugin,
      ...described,
    }))
    expect((await written(far)).text).toBe(
      'work {"index":0,"kind":"formatter","part":"[{\\"nodes\\":[],\\"links\\":[],\\"issues\\":[]},{}]"}',
    )
  })

  test.each([
    ['throws', { format: () => Promise.reject(new Error('no ink')) }, 'no ink'],
    ['gives no text', { format: () => ({ text: '' }) }, 'it gave no text'],
    ['gives nothing', { format: () => undefined }, ''],
  ])('that %s fails by name', async (_, more, reason) => {
    await expect(written(pluginOf('p', [formatter(more)]))).rejects.toMatchObject({
      code: 'FORMAT_FAILED',
      message: expect.stringMatching(`^the formatter p/lines failed: .*${reason}`),
    })
  })

  test('whose worker answers with nonsense, or not at all, fails by name', async () => {
    const { format: _, ...manifest } = formatter()
    const plugin = { id: 'far', version: '1.0.0', granularity: 'bundle' } as const
    const source = (run: () => Promise<never>) => [{ plugin, manifest, runner: { formatter: run } }]
    const message = expect.stringContaining('far/lines failed')
    await expect(written(source(async () => null as never))).rejects.toMatchObject({ message })
    await expect(written(source(() => Promise.reject(new Error('gone'))))).rejects.toMatchObject({ message })
  })
})

describe('a format', () => {
  test('that nobody writes is refused with those that there are', async () => {
    const extensions = pluginOf('p', [formatter(), formatter({ id: 'other', formatId: 'rows' })])
    await expect(written(extensions, 'lnes')).rejects.toMatchObject({
      code: 'FORMAT_UNKNOWN',
      message: 'there is no format "lnes"',
      hint: 'There are: lines, rows.',
    })
    await expect(written([])).rejects.toMatchObject({ hint: 'There are: none.' })
    const off = { disabled: { keys: ['p'] } }
    await expect(written(extensions, 'lines', off)).rejects.toMatchObject({ code: 'FORMAT_UNKNOWN' })
  })

  test('of two formatters is nobody’s until one is named in full, or the other is disabled', async () => {
    const extensions = [
      ...pluginOf('p', [formatter()]),
      ...pluginOf('q', [formatter({ id: 'mine', format: () => 'of q' })]),
    ]
    await expect(written(extensions)).rejects.toMatchObject({
      code: 'FORMAT_AMBIGUOUS',
      message: 'p/lines and q/mine each write the format "lines"',
    })
    expect((await written(extensions, 'q/mine')).text).toBe('of q')
    expect((await written(extensions, 'lines', { disabled: { keys: ['q'] } })).text).toBe('0 nodes\n')
  })
})
