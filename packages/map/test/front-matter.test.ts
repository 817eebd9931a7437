import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scanFolder } from './folder-scan.ts'

/** The slow twin: cuts the text into lines, each with its end, and looks for two fences. */
function splitSlowly(text: string): { raw: string | undefined; body: string } {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const isFence = (line: string, index: number) =>
    line === '---\n' || line === '---\r\n' || (line === '---' && index > 0 && index === lines.length - 1)
  const close = lines.findIndex((line, index) => index > 0 && isFence(line, index))
  if (lines[0] === undefined || !isFence(lines[0], 0) || close < 0) return { raw: undefined, body: text }
  return {
    raw: lines
      .slice(1, close)
      .join('')
      .replace(/\r?\n$/, ''),
    body: lines.slice(close + 1).join(''),
  }
}

test('splits as the slow twin does', async () => {
  const piece = fc.constantFrom('---', '--', '----', '\n', '\r\n', '\r', ' ', 'a: 1', 'b', 'é', '-')
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''))
  const fenced = text.map((rest) => `---\n${rest}`)
  const property = fc.asyncProperty(
    fc.array(fc.oneof(text, fenced), { minLength: 20, maxLength: 20 }),
    async (texts) => {
      const files = Object.fromEntries(texts.map((content, index) => [`${String(index).padStart(2, '0')}.md`, content]))
      const { result } = await scanFolder({ files })
      expect(result.nodes).toHaveLength(texts.length)
      for (const [index, node] of result.nodes.entries()) {
        const { raw, body } = splitSlowly(texts[index] ?? '')
        expect(node.bodyHash).toBe(createHash('sha256').update(body).digest('hex'))
        expect(node.bytes.frontmatter).toBe(Buffer.byteLength(raw ?? ''))
      }
    },
  )
  await fc.assert(property, { numRuns: 40 })
})

const issuesOf = async (text: string, path = 'a.md', strict = false) => {
  const { result } = await scanFolder({ files: { [path]: text }, options: { strict } })
  return result.issues.map(({ ruleId, severity, data }) => ({ ruleId, severity, data }))
}

describe('the kernel’s issues about front matter', () => {
  test('a file without any has none', async () => {
    expect(await issuesOf('# Title\n')).toEqual([])
    expect(await issuesOf('---\n\nA rule above.\n')).toEqual([])
  })

  test('front matter that does not fit its kind is told with what is wrong', async () => {
    expect(await issuesOf('---\nname: x\ntags: [1]\n---\n')).toEqual([
      {
        ruleId: 'frontmatter-invalid',
        severity: 'warn',
        data: {
          kind: 'markdown',
          errors: [expect.stringContaining('/description'), expect.stringContaining('/tags/0')],
        },
      },
    ])
  })

  test('every kind brings its own schema', async () => {
    const effort = (value: string) => `---\nname: x\ndescription: y\neffort: ${value}\n---\n`
    expect(await issuesOf(effort('huge'), '.claude/agents/a.md')).toHaveLength(1)
    expect(await issuesOf(effort('high'), '.claude/agents/a.md')).toEqual([])
    expect(await issuesOf(effort('huge'), '.gemini/agents/a.md')).toEqual([])
    expect(await issuesOf('---\nname: x\ndescription: y\ntemperature: 3\n---\n', '.gemini/agents/a.md')).toHaveLength(1)
    expect(await issuesOf('---\nname: x\ndescription: y\ncontext: join\n---\n', '.claude/skills/a/b.md')).toHaveLength(
      1,
    )
  })

  test.each([
    ['byte-order-mark', '\ufeff---\nname: x\n---\n'],
    ['paste-with-indent', '  ---\n  name: x\n  ---\n'],
    ['missing-close', '---\nname: x\n\nbody\n'],
  ])('%s is told', async (hint, text) => {
    expect(await issuesOf(text)).toEqual([{ ruleId: 'frontmatter-malformed', severity: 'warn', data: { hint } }])
  })

  test('strict makes them errors', async () => {
    expect((await issuesOf('---\nname: x\n---\n', 'a.md', true))[0]?.severity).toBe('error')
    expect((await issuesOf('---\nname: x\n', 'a.md', true))[0]?.severity).toBe('error')
  })
})
