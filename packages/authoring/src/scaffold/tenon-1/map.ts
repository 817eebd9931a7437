import type { TextFile } from '../../folder/text-file.ts'

export function mapFiles(): TextFile[] {
  return [
    { path: 'src/extractor.ts', text: EXTRACTOR },
    { path: 'tests/test_extractor.ts', text: TEST },
  ]
}

const EXTRACTOR = `/** Counts the words of each node's body. */
export default {
  id: 'word-count',
  kind: 'extractor',
  version: '0.1.0',
  description: "Counts the words of each node's body.",
  emitsLinkKinds: [],
  defaultConfidence: 'high',
  scope: 'body',
  viewContributions: { words: { contract: 'node-counter', label: 'words', icon: '🔤' } },
  extract(ctx: { body: string; emitContribution(id: string, payload: object): void }): void {
    const words = ctx.body.split(/\\s+/).filter((word) => word !== '')
    ctx.emitContribution('words', { value: words.length })
  },
}
`

const TEST = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import extractor from '../src/extractor.ts'

const emitted = (body: string): object[] => {
  const all: object[] = []
  extractor.extract({ body, emitContribution: (id, payload) => all.push({ id, payload }) })
  return all
}

test('counts words', () => {
  assert.deepEqual(emitted('one two'), [{ id: 'words', payload: { value: 2 } }])
})

test('counts nothing in an empty body', () => {
  assert.deepEqual(emitted(''), [{ id: 'words', payload: { value: 0 } }])
})
`
