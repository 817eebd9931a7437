import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import extractor from '../src/keyword-count.mjs'
import rule from '../src/forbidden-keyword.mjs'

const scenarios = readFileSync(new URL('../conformance/behavior/keywords.feature', import.meta.url), 'utf8')
  .split(/^ +Scenario: /m)
  .slice(1)
  .map((text) => text.trim().split(/\n\s*/))

/** As a kernel does it: the extractor first, then the rule over the links with who found them. */
function scanned(body) {
  const shown = {}
  const links = []
  extractor.extract({
    node: { path: 'a.md' },
    body,
    emitContribution: (id, payload) => (shown[id] = payload),
    emitLink: (link) => links.push({ source: 'a.md', sources: [extractor.id], confidence: 'high', ...link }),
  })
  return { shown, warnings: rule.evaluate({ nodes: [], links }).map(({ message }) => message) }
}

function judge(step, { shown, warnings }) {
  const [, payloads, none, warning] =
    /^(?:Then|And) it (?:shows (.+)|has (no warning)|has the warning (.+))$/.exec(step) ??
    assert.fail(`no such step: ${step}`)
  if (payloads !== undefined) assert.deepEqual(shown, JSON.parse(payloads))
  else assert.deepEqual(warnings, none === undefined ? [warning] : [])
}

for (const [name, when, ...steps] of scenarios)
  test(name, () => {
    const found = scanned(
      JSON.parse(/^When a node holds (.+)$/.exec(when)?.[1] ?? assert.fail(`no such step: ${when}`)),
    )
    for (const step of steps) judge(step, found)
  })
