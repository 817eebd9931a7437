import { builtInPlugins, type Extractor, type Manifest } from '@tenon/map'
import { expect, test } from 'vitest'
import { pluginOf, saidIn, scanFolder } from './folder-scan.ts'

type Contract = NonNullable<Manifest['viewContributions']>[string]['contract']

/** What becomes of a payload: kept, dropped because it is empty, or refused. */
async function fateOf(contract: Contract, payload: object): Promise<'kept' | 'empty' | 'refused'> {
  const speaker: Extractor = {
    id: 'speak',
    kind: 'extractor',
    version: '1.0.0',
    emitsLinkKinds: [],
    defaultConfidence: 'low',
    viewContributions: { it: { contract, icon: 'pi-eye' } },
    extract: ({ emitContribution }) => emitContribution('it', payload),
  }
  const { errors, ...done } = await scanFolder({
    files: { 'a.md': '' },
    extensions: [...builtInPlugins, ...pluginOf('p', [speaker])],
  })
  if (errors.length > 0) return 'refused'
  return saidIn(done).some(({ pluginId }) => pluginId === 'p') ? 'kept' : 'empty'
}

const many = (length: number, one: object): object[] => Array.from({ length }, () => one)
const nested = (depth: number): object => (depth === 1 ? { label: 'x' } : { label: 'x', children: [nested(depth - 1)] })

test.each<[Contract, object, 'kept' | 'empty' | 'refused']>([
  ['node-counter', { value: 1, severity: 'warn', tooltip: 't' }, 'kept'],
  ['node-counter', { value: 0 }, 'empty'],
  ['node-counter', { value: 1, severity: 'error' }, 'refused'],
  ['node-tag', { label: 'x' }, 'kept'],
  ['node-tag', { label: '' }, 'empty'],
  ['node-tag', { label: 'x'.repeat(33) }, 'refused'],
  ['node-breakdown', { entries: many(20, { label: 'x', value: 1 }) }, 'kept'],
  ['node-breakdown', { entries: [] }, 'empty'],
  ['node-breakdown', { entries: many(21, { label: 'x', value: 1 }) }, 'refused'],
  ['node-records', { columns: [{ key: 'k', label: 'K' }], rows: [{ k: 'v' }, { k: null }] }, 'kept'],
  ['node-records', { columns: [{ key: 'k', label: 'K' }], rows: [] }, 'empty'],
  ['node-records', { columns: [], rows: [] }, 'refused'],
  ['node-records', { columns: [{ key: 'k', label: 'K' }], rows: [{ k: {} }] }, 'refused'],
  ['node-tree', nested(6), 'kept'],
  ['node-tree', nested(7), 'refused'],
  ['node-tree', { label: 'x' }, 'empty'],
  ['node-tree', { label: 'x', children: [] }, 'empty'],
  ['node-tree', { label: 'x', children: many(199, { label: 'y' }) }, 'kept'],
  ['node-tree', { label: 'x', children: many(200, { label: 'y' }) }, 'refused'],
  ['node-key-values', { entries: [{ key: 'k', value: true }] }, 'kept'],
  ['node-key-values', { entries: [] }, 'empty'],
  ['node-key-values', { entries: [{ key: '', value: 1 }] }, 'refused'],
  ['node-link-list', { entries: [{ path: 'a.md', kind: 'skill' }] }, 'kept'],
  ['node-link-list', { entries: [] }, 'empty'],
  ['node-link-list', { entries: [{ label: 'x' }] }, 'refused'],
  ['node-markdown', { markdown: '*x*' }, 'kept'],
  ['node-markdown', { markdown: ' \n' }, 'empty'],
  ['node-markdown', { markdown: 'x'.repeat(4097) }, 'refused'],
  ['node-alert', { icon: 'pi-bell' }, 'kept'],
  ['node-alert', { count: 99 }, 'kept'],
  ['node-alert', { severity: 'warn' }, 'empty'],
  ['node-alert', { tooltip: 'x' }, 'refused'],
  ['node-alert', { count: 100 }, 'refused'],
  ['scope-stat', { value: 1 }, 'refused'],
])('%s with %j is %s', async (contract, payload, fate) => {
  expect(await fateOf(contract, payload)).toBe(fate)
})
