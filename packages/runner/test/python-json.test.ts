import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { Json } from '@tenon/contract'
import { simulatedWorld } from '@tenon/testkit'
import { pythonJson } from '@tenon/runner'

const PYTHON = `import json, sys
for line in sys.stdin:
    print(json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False))
`

/** What Python makes of documents that were written as JSON, one a line. */
function pythonTexts(documents: readonly Json[]): string[] {
  const input = documents.map((document) => JSON.stringify(document)).join('\n')
  const { stdout, status, stderr } = spawnSync('python3', ['-X', 'utf8', '-c', PYTHON], { input, encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  return stdout.trimEnd().split('\n')
}

const SPECIAL: Json[] = [
  ...[0, 1, -1, 0.5, 1e-4, 9.99e-5, 1e-5, 1.5e-7, 1e-300, 5e-324, 0.1 + 0.2, 1 / 3, -1e-10, 123_456.789],
  ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 4_503_599_627_370_495.5],
  ...['', 'é', '\u2028', '\u007f', '\u0000\b\t\n\f\r"\\/', '😀', '\u{10ffff}'],
  ...[{}, [], null, true, false, [[]], { '': {} }],
  // In UTF-16 the first sorts before the second; by code point it comes after.
  { '\u{1f600}': 1, '\uff5e': 2, a: 3, ab: 4, '': 5 },
]

test('numbers, strings and key order are spelled as Python spells them', () => {
  expect(SPECIAL.map(pythonJson)).toEqual(pythonTexts(SPECIAL))
})

test('so are random documents', () => {
  const seed = Number(process.env['TENON_SEED'] ?? Math.floor(Math.random() * 1e9))
  console.log(`TENON_SEED=${seed}`)
  const chance = simulatedWorld(seed)
  const below = (bound: number): number => Buffer.from(chance.random(4)).readUInt32LE() % bound
  const text = (): string =>
    Array.from({ length: below(6) }, () =>
      String.fromCodePoint(
        [below(0x80), 0x80 + below(0xd780), 0xe000 + below(0x2000), 0x10000 + below(0x100000)][below(4)] ?? 0,
      ),
    ).join('')
  const number = (): number => {
    const value = Buffer.from(chance.random(8)).readDoubleLE()
    const small = (below(2_000_001) - 1_000_000) / 10 ** below(12)
    return Number.isFinite(value) && !Number.isInteger(value) && below(2) === 0 ? value : small
  }
  const document = (depth: number): Json => {
    const kind = below(depth > 3 ? 4 : 6)
    if (kind === 0) return text()
    if (kind < 3) return number()
    if (kind === 3) return [null, true, false][below(3)] ?? null
    if (kind === 4) return Array.from({ length: below(5) }, () => document(depth + 1))
    return Object.fromEntries(Array.from({ length: below(5) }, () => [text(), document(depth + 1)]))
  }
  const documents = Array.from({ length: 2_000 }, () => document(0))
  expect(documents.map(pythonJson)).toEqual(pythonTexts(documents))
})
