import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { certificationReportSchema, statementSchema, validatorOf } from '@tenon/contract/schema'

const doc = readFileSync(fileURLToPath(new URL('../../docs/certification.md', import.meta.url)), 'utf8')

test.each([
  ['report', validatorOf(certificationReportSchema)],
  ['statement', validatorOf(statementSchema)],
] as const)('the example of a %s is one', (name, validator) => {
  const [, example = ''] = new RegExp(`^\`\`\`json ${name}\n([^]*?)^\`\`\``, 'm').exec(doc) ?? []
  expect(validator.problems(JSON.parse(example))).toEqual([])
})
