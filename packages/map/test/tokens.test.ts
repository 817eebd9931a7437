import fc from 'fast-check'
import { countTokens } from 'gpt-tokenizer/encoding/cl100k_base'
import { expect, test } from 'vitest'
import { scanFolder } from './folder-scan.ts'

const bodyTokens = async (files: Record<string, string>): Promise<(number | undefined)[]> => {
  const { result } = await scanFolder({ files, options: { tokens: true } })
  return result.nodes.map(({ tokens }) => tokens?.body)
}

test('many files, which are counted in another thread, have the tokens that each has on its own', async () => {
  const texts = Array.from({ length: 300 }, (_, index) => `Note ${index} says ${'again and '.repeat(index % 7)}so.`)
  const files = Object.fromEntries(texts.map((text, index) => [`n${String(index).padStart(3, '0')}.md`, text]))
  expect(await bodyTokens(files)).toEqual(texts.map((text) => countTokens(text)))
})

test('of many files, in which two threads look for code, what stands in code links to nothing', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [
      `n${index}.md`,
      `@seen\n\n~~~\n@fenced${index}\n~~~\n\n\`@span${index}\`\n`,
    ]),
  )
  const { result } = await scanFolder({ files })
  expect(result.links).toHaveLength(300)
  expect(new Set(result.links.map(({ target }) => target))).toEqual(new Set(['@seen']))
})

/** The same count by looking at every run of letters, spaces or signs, and cutting those of more than 512. */
function slowCount(text: string): number {
  const runs = text.match(/\p{L}+|\s+|[^\s\p{L}\p{N}]+|\p{N}+/gu) ?? []
  const parts = ['']
  for (const run of runs)
    for (let at = 0; at < run.length; at += 512) {
      if (at > 0 && !/\p{N}/u.test(run)) parts.push('')
      parts.push(`${parts.pop() ?? ''}${run.slice(at, at + 512)}`)
    }
  return parts.reduce((sum, part) => sum + countTokens(part), 0)
}

test('unbroken runs are cut wherever they stand', async () => {
  const run = fc
    .tuple(fc.constantFrom('a', 'Ä', ' ', '\u3000', '-', '…', '7'), fc.integer({ min: 480, max: 1600 }))
    .map(([character, length]) => character.repeat(length))
  const word = fc.constantFrom('a', 'note', ' ', '\n', '7', 'the words of a text ', '\u3000', '-- ', 'xyz'.repeat(40))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof({ weight: 6, arbitrary: word }, run), { maxLength: 30 }), async (parts) => {
      const text = `. ${parts.join('')}`
      expect(await bodyTokens({ 'a.md': text })).toEqual([slowCount(text)])
    }),
    { numRuns: 60 },
  )
}, 30_000)
