import type { SettingsDeclaration } from '@tenon/contract'
import { builtInPlugins, type Extractor, type ExtensionSource, type Rule } from '@tenon/map'
import { expect, test } from 'vitest'
import { pluginOf, saidIn, scanFolder } from './folder-scan.ts'

/** A whole plugin as a person would write it: it counts the configured words, shows them and judges their number. */
const counter: Extractor = {
  id: 'keyword-counter',
  kind: 'extractor',
  version: '1.0.0',
  emitsLinkKinds: [],
  defaultConfidence: 'low',
  scope: 'body',
  viewContributions: {
    total: { contract: 'node-counter', icon: '🔍', label: 'kw' },
    breakdown: { contract: 'node-breakdown', label: 'Keyword hits', emptyText: 'No matches.' },
  },
  extract: ({ prose, settings, emitContribution }) => {
    const words = settings['keywords'] as string[]
    const entries = words
      .map((label) => ({ label, value: prose.split(label).length - 1 }))
      .filter(({ value }) => value > 0)
    emitContribution('total', { value: entries.reduce((sum, { value }) => sum + value, 0) })
    emitContribution('breakdown', { entries })
  },
}

const limit: Rule = {
  id: 'keyword-limit',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['too-large'],
  defaultSeverity: 'warn',
  evaluate: ({ nodes, settings }) =>
    nodes
      .filter(({ bytes }) => bytes.body > Number(settings['bytes']))
      .map(({ path }) => ({ ruleId: 'too-large', nodeIds: [path], message: `${path} is too large.` })),
}

const settings: SettingsDeclaration = {
  keywords: { type: 'string-list', label: 'Keywords', default: ['TODO'] },
  bytes: { type: 'integer', label: 'Bytes', default: 20, min: 1 },
}

const keywordMap: ExtensionSource[] = pluginOf('keyword-map', [counter, limit], { settings })

test('a plugin counts, shows and judges by its settings', async () => {
  const { result, faults, errors, ...done } = await scanFolder({
    files: { 'a.md': 'TODO `TODO` FIXME TODO', 'b.md': 'nothing' },
    extensions: [...builtInPlugins, ...keywordMap],
    options: { settings: { 'keyword-map': { keywords: ['TODO', 'FIXME'] } } },
  })
  expect(faults).toEqual([])
  expect(errors).toEqual([])
  const said = saidIn(done).filter(({ pluginId }) => pluginId === 'keyword-map')
  expect(said.map(({ nodePath, contributionId, payload }) => [nodePath, contributionId, payload])).toEqual([
    ['a.md', 'total', { value: 3 }],
    [
      'a.md',
      'breakdown',
      {
        entries: [
          { label: 'TODO', value: 2 },
          { label: 'FIXME', value: 1 },
        ],
      },
    ],
  ])
  expect(result.issues.map(({ ruleId, nodeIds }) => [ruleId, nodeIds])).toEqual([['too-large', ['a.md']]])
})

test('switched off it leaves no trace', async () => {
  const files = { 'a.md': 'TODO and much more of it' }
  const without = await scanFolder({ files })
  const off = await scanFolder({
    files,
    extensions: [...builtInPlugins, ...keywordMap],
    options: { disabled: { keys: ['keyword-map'] } },
  })
  expect(off.result).toEqual(without.result)
  expect(off.contributions).toEqual(without.contributions)
})
