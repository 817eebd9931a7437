import assert from 'node:assert/strict'
import { test } from 'node:test'
import rule from '../src/forbidden-keyword.mjs'

const LINK = { source: 'a.md', target: 'a.md', kind: 'mentions', confidence: 'high', sources: ['keyword-count'] }
const mark = (more = {}) => ({ ...LINK, raw: 'tbd', location: { line: 7 }, ...more })
const evaluated = (...links) => rule.evaluate({ nodes: [], links })

test('warns of each mark, with the word, its line and the link', () => {
  assert.deepEqual(evaluated(mark({ sources: ['slash'] }), mark()), [
    {
      ruleId: 'forbidden-keyword',
      severity: 'warn',
      nodeIds: ['a.md'],
      message: 'uses the forbidden word "tbd"',
      linkIndices: [1],
      data: { word: 'tbd', line: 7 },
    },
  ])
  assert.equal(evaluated(mark(), mark({ raw: 'xxx' }), mark({ source: 'b.md', target: 'b.md' })).length, 3)
})

test('does not warn of the links of others', () => {
  assert.deepEqual(evaluated(mark({ target: 'b.md' }), mark({ sources: ['slash'] }), mark({ raw: null })), [])
})

test('declares the rule id that it emits', () => {
  assert.ok(evaluated(mark()).every(({ ruleId }) => rule.emitsRuleIds.includes(ruleId)))
})
