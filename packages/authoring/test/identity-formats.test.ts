import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ulidTime } from '@tenon/contract'
import { cardSchema, identityLineSchemas, validatorOf } from '@tenon/contract/schema'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const page = readFileSync(fileURLToPath(new URL('../../../docs/identity.md', import.meta.url)), 'utf8')
const example = (language: string): string => new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(page)?.[1] ?? ''

test('the card that is shown is one', () => {
  const card = parse(example('yaml'))
  expect(validatorOf(cardSchema).problems(card)).toEqual([])
  expect(card.created_at).toBe(new Date(ulidTime(card.id)).toISOString())
})

test('the line that is shown is one, and every type is listed with what it says', () => {
  const line = JSON.parse(example('json'))
  expect(validatorOf(identityLineSchemas['card.bound']).problems(line)).toEqual([])
  for (const [type, { properties }] of Object.entries(identityLineSchemas)) {
    const row = new RegExp(`^\\| \`${type}\` \\|.*`, 'm').exec(page)?.[0] ?? ''
    for (const key of Object.keys(properties.data.properties)) expect(row).toContain(`\`${key}\``)
  }
})
