import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, decodeUtf8, jsonValue, limits, parseJson, prettyJson, readJson } from '@tenon/contract'

const codes = (text: string): string[] => readJson(text).problems.map((problem) => problem.code)

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])

describe('a value', () => {
  test('has the keys that its text has, whatever was read before', () => {
    jsonValue('{"h":[],"\\\\":0}')
    expect(jsonValue('{"h":1,"\\"":2}')).toEqual({ h: 1, '"': 2 })
    const key = fc.string({ unit: fc.constantFrom(...'\\"/\n\u0001 a:'), maxLength: 3 })
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.oneof(key, fc.integer(), fc.constant(null)),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 4 }), fc.constantFrom(0, 2), (written, indent) => {
        expect(jsonValue(JSON.stringify(written, null, indent))).toEqual(written)
      }),
      { numRuns: 1_000 },
    )
  })

  test('of a text with escaped keys is what JSON.parse says of another one', () => {
    const text = '{ "\\u0061" : 1e999, "a": [9007199254740993, "\\ud800"], "__proto__\\n"\r\n:{"\\/":"\\\\\\" :"} }'
    expect(jsonValue(text)).toEqual({ a: [2 ** 53, '\ud800'], '__proto__\n': { '/': '\\" :' } })
    expect(Object.keys(jsonValue('{"\\u005f_proto__":1}') as object)).toEqual(['__proto__'])
    expect(() => jsonValue('{"\\n":1')).toThrow(SyntaxError)
    expect(() => jsonValue(`${'['.repeat(2_000)}{"\\n":1}${']'.repeat(2_000)}`)).toThrow('nested deeper than 1000')
    expect(jsonValue(`${'['.repeat(900)}{"\\n":1}${']'.repeat(900)}`)).toBeDefined()
  })

  test('with very many escapes is read at once', () => {
    const value = { text: '"\\\n'.repeat(300_000) }
    expect(jsonValue(JSON.stringify(value))).toEqual(value)
  })
})

describe('reading', () => {
  test('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const { value, problems } = readJson(text)
        const harmless = problems.every((problem) => problem.code !== 'JSON_SYNTAX')
        expect(harmless).toBe(true)
        expect(value).toEqual(jsonValue(text))
      }),
      { numRuns: 500 },
    )
  })

  test('refuses what JSON.parse refuses', () => {
    const scrap = fc.string({ unit: fc.constantFrom(...'{}[]",:0-1e.tru nul\\"a'), maxLength: 12 })
    fc.assert(
      fc.property(scrap, (text) => {
        let parsed = true
        try {
          JSON.parse(text)
        } catch {
          parsed = false
        }
        expect(readJson(text).value !== undefined).toBe(parsed)
      }),
      { numRuns: 3000 },
    )
  })

  test('reports duplicate keys, half surrogates, unsafe numbers and a byte order mark, all at once', () => {
    const text = '\uFEFF{\n"a": 1,\n"a": "\\ud800",\n"n": 9007199254740993,\n"x": 1e400 }'
    expect(codes(text)).toEqual(
      [
        'JSON_BYTE_ORDER_MARK',
        'JSON_DUPLICATE_KEY',
        'JSON_LONE_SURROGATE',
        'JSON_UNSAFE_NUMBER',
        'JSON_UNSAFE_NUMBER',
      ].toSorted((a, b) => codes(text).indexOf(a) - codes(text).indexOf(b)),
    )
    expect(new Set(codes(text)).size).toBe(4)
  })

  test('gives each problem its pointer and line', () => {
    expect(readJson('{\n "a": {\n  "b/c": 1e999\n } }').problems).toEqual([
      expect.objectContaining({ pointer: '/a/b~1c', line: 3 }),
    ])
  })

  test('what is not there has the line of what should hold it', () => {
    const { lineOf } = readJson('{\n "a": {\n  "b": [\n   1 ] } }')
    expect(['', '/a', '/a/b', '/a/b/0', '/a/b/7', '/a/c/d', '/z'].map(lineOf)).toEqual([1, 2, 3, 4, 3, 2, 1])
    expect(readJson('').lineOf('/a')).toBe(1)
  })

  test('a document with thousands of values and problems below an endless key is read at once', () => {
    const inner = Array.from({ length: 20_000 }, (_, index) => `"a${index}":${index < 100 ? '1e999' : 1},`).join('')
    const { problems, lineOf } = readJson(`{"b":1,\n"${'x'.repeat(500_000)}":\n{${inner}\n"b/~":[1e999]}}`)
    expect(problems).toHaveLength(101)
    expect(problems.at(-1)).toMatchObject({ code: 'JSON_UNSAFE_NUMBER', pointer: '', line: 1 })
    expect([`/${'x'.repeat(500_000)}/b~1~0/0`, `/${'x'.repeat(500_000)}`, '/b'].map(lineOf)).toEqual([4, 3, 1])
  })

  test('a document with thousands of problems is read at once', () => {
    const text = `[${'1e999,\n'.repeat(30_000)}1]`
    const started = performance.now()
    expect(readJson(text).problems.at(-1)?.line).toBe(30_000)
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  test('a key named __proto__ is a key like any other', () => {
    const { value } = readJson('{"__proto__": {"admin": true}}')
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  test('reads what the tools wrote as it reads any other layout of it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = `${JSON.stringify(value, null, 2)}\n`
        const [written, other] = [readJson(text), readJson(`${text} `)]
        expect([written.value, written.problems]).toEqual([other.value, other.problems])
        for (const pointer of ['', '/0', '/0/0', '/a']) expect(written.lineOf(pointer)).toBe(other.lineOf(pointer))
      }),
    )
    expect(readJson('9007199254740992\n').problems).toHaveLength(1)
    expect(readJson('"\\ud800"\n').problems).toHaveLength(1)
    expect(readJson(`${JSON.stringify(nested(limits.specDepthMax + 1), null, 2)}\n`).problems).toHaveLength(1)
  })

  test('refuses to nest without end', () => {
    expect(codes('['.repeat(10_000))).toEqual(['JSON_SYNTAX'])
  })

  test.each(['', '{', '{"a"}', '[1,]', '"\u0001"', '"\\x"', '"\\u12"', '01', 'tru', '1 2', '{1:2}'])(
    'names place and cause in %j',
    (text) => {
      const { value, problems } = readJson(text)
      expect(value).toBeUndefined()
      expect(problems.at(-1)?.message).toMatch(/line \d+, column \d+/)
    },
  )

  test('parseJson throws with every problem', () => {
    expect(() => parseJson('{"a":1,"a":2}', 'demo.json')).toThrow(
      expect.objectContaining({ code: 'JSON_INVALID', message: expect.stringContaining('demo.json') }),
    )
    expect(parseJson('[1]', 'demo.json')).toEqual([1])
  })

  test('bytes that are no UTF-8 are refused', () => {
    expect(decodeUtf8(new TextEncoder().encode('ä'), 'x')).toBe('ä')
    expect(() => decodeUtf8(Uint8Array.of(0xff), 'x')).toThrow(expect.objectContaining({ code: 'JSON_INVALID' }))
  })
})

describe('canonical form', () => {
  test('follows the example of RFC 8785', () => {
    const value = {
      numbers: [333333333.3333333, 4.5, 2e-3, 1e-27],
      string: '€$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    }
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  test('does not depend on key order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).toReversed())
        expect(canonicalJson(reversed)).toBe(canonicalJson(object))
        expect(prettyJson(reversed)).toBe(prettyJson(object))
      }),
    )
  })

  test.each([
    [undefined],
    [Number.NaN],
    [2 ** 53],
    ['\ud800'],
    [{ a: [() => 1] }],
    [{ '\ud800': 1 }],
    [[undefined]],
    [1n],
  ])('refuses %o', (value) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'CANONICAL_JSON_INVALID' }))
  })

  test('leaves out the keys of an object that hold undefined, as JSON does', () => {
    expect([canonicalJson({ a: undefined, b: 1 }), prettyJson({ a: undefined })]).toEqual(['{"b":1}', '{}\n'])
  })

  test('files hold sorted keys, two spaces and a final newline', () => {
    expect(prettyJson({ b: [1], a: { d: null, c: true } })).toBe(
      '{\n  "a": {\n    "c": true,\n    "d": null\n  },\n  "b": [\n    1\n  ]\n}\n',
    )
  })
})
