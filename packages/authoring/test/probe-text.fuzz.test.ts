import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { derive } from '@tenon/authoring'
import { probeSchema, validatorOf } from '@tenon/contract/schema'
import { editSpec, policies, problemsOf, quickDisk, read, scaffoldOnce, write } from './plugins.ts'

const fresh = scaffoldOnce()
const probes = validatorOf(probeSchema)

/** What YAML takes for something else, wraps, or quotes; and what it does not. */
const ODD = 'true False null Yes no On off y N nan .inf ~ 1 0 0x1f 1e3 1_000 +1 2026-01-01 .5 <<'.split(' ')
const SIGNS = [
  'a: b',
  '- a',
  'a #b',
  '#a',
  "it's",
  '"a"',
  'a\\b',
  '{a}',
  '[a]',
  '&a',
  '*a',
  '!a',
  '|',
  '>',
  '%a',
  '@a',
  'é',
]
const word = fc.oneof(
  fc.constantFrom(...ODD, ...SIGNS),
  fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_./-]{0,70}$/),
  fc.stringMatching(/^[a-z ]{50,100}$/).map((text) => `a${text}z`),
)

const blocksOf = (text: string): string[] =>
  [...text.matchAll(/^```probe\n([^]*?)^```$/gm)].map(([, block = '']) => block)

test('the block of any probe is what YAML writes of it, and says it again', async () => {
  const root = fresh()
  await fc.assert(
    fc.asyncProperty(word, fc.integer({ min: 1, max: 60_000 }), async (target, timeoutMs) => {
      editSpec(root, (spec) => {
        spec.health = { probes: [{ id: 'any', kind: 'import', target, timeoutMs, failAfter: 2 }] }
      })
      await derive(quickDisk, root, policies)
      const [block = ''] = blocksOf(read(root, 'healthcheck.md'))
      expect(parse(block)).toMatchObject({ id: 'any', kind: 'import', target, fail_after: 2 })
      expect(block).toBe(stringify(parse(block)))
    }),
    { numRuns: 60 },
  )
})

test('a block is read as YAML reads it, whatever is written there', async () => {
  const root = fresh()
  const twice = fc.constantFrom('', '', '', 'target: node', '# note')
  const number = fc.constantFrom('1', '60000', '0', '007', '1e3', '1_000', '0x10', '-1', '1.5', '12345678901234567890')
  await fc.assert(
    fc.asyncProperty(word, number, twice, async (target, timeout, more) => {
      const lines = ['id: any', 'kind: exec', `target: ${target}`, `timeout_ms: ${timeout}`, 'fail_after: 1']
      const block = [...lines, more].join('\n')
      write(root, 'healthcheck.md', `# Health\n\n\`\`\`probe\n${block}\n\`\`\`\n`)
      const problems = (await problemsOf(root)).filter(({ code }) => code === 'PROBE_INVALID')
      expect([block, problems.length === 0]).toEqual([block, isProbe(block)])
    }),
    { numRuns: 200 },
  )
})

function isProbe(text: string): boolean {
  try {
    return probes.is(parse(text, { logLevel: 'error' }))
  } catch {
    return false
  }
}
