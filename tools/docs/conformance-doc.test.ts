import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { perfSchema, startSchema, validatorOf } from '@tenon/contract/schema'

const root = fileURLToPath(new URL('../../', import.meta.url))
const doc = readFileSync(`${root}docs/conformance.md`, 'utf8')

test('every code of the gates of tests is in the document, and no other', () => {
  const sources = globSync('packages/authoring/src/conformance/*.ts', { cwd: root })
  const text = sources.map((path) => readFileSync(root + path, 'utf8')).join('\n')
  const code = /(?:TYPES|LINT|UNIT|COVERAGE|BEHAVIOR|FIXTURE|PERF)_[A-Z_]+/.source
  const told = [...text.matchAll(new RegExp(`'(${code})'`, 'g'))].map(([, name]) => name)
  const listed = [...doc.matchAll(new RegExp(`^\\| \`(${code})\``, 'gm'))].map(([, name]) => name)
  expect(listed.toSorted()).toEqual([...new Set(told)].toSorted())
})

test.each([
  ['perf', perfSchema],
  ['start', startSchema],
] as const)('the example of a %s file is one', (name, schema) => {
  const [, example = ''] = new RegExp(`^\`\`\`json ${name}\n([^]*?)^\`\`\``, 'm').exec(doc) ?? []
  expect(validatorOf(schema).problems(JSON.parse(example))).toEqual([])
})
