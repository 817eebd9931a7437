import fc from 'fast-check'

/** Files as people, programs and attackers write them: each a path and its bytes. */
export type HostileFile = { path: string; bytes: Uint8Array }

const HOSTILE_TEXTS = [
  ...[
    '',
    '~',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'length',
    '\0',
    'a\0b',
    '\u001b[2J',
  ],
  ...['\ud800', '\udc00', '\ufeff', '\u2028', '\u202e', 'e\u0301', '\u0130', '<|endoftext|>', '---', '../x', '/etc'],
  ...[
    'a.md',
    'b.md',
    'c/d.md',
    'http://x.y/',
    'javascript:x',
    '"',
    "'",
    '`',
    '$&',
    '%s',
    "'; DROP TABLE scan_nodes; --",
  ],
  ...[
    '1e999',
    '.nan',
    '-.inf',
    '-0',
    '0x',
    '1_',
    '9'.repeat(400),
    '2026-01-01',
    '<<',
    '!!js/function x',
    'y',
    '=',
    '|',
  ],
]
const word = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ maxLength: 20 }),
)
const KNOWN_KEYS = [
  ...['name', 'description', 'tags', 'tools', 'model', 'hooks', 'identity', 'path', 'bodyHash', 'frontmatterHash'],
  ...['annotations', 'audit', 'settings', 'version', 'stability', 'supersedes', 'supersededBy', 'requires', 'related'],
]
const key = fc.oneof(fc.constantFrom(...KNOWN_KEYS), word)

const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(word, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
  ),
}))

/** JSON is YAML, with any key and any character escaped. */
const mappingText = fc.dictionary(key, tree, { maxKeys: 6 }).map((mapping) => JSON.stringify(mapping))

const bomb = (items: string): string =>
  ['a: &a [x]', ...[...'bcdefghij'].map((name, at) => `${name}: &${name} [${`*${'abcdefghi'[at]},`.repeat(9)}]`)].join(
    '\n',
  ) + items

const HOSTILE_YAML: readonly string[] = [
  ...[
    'name: [',
    'name: a\nname: b',
    '\ta: b',
    '&a [*a]',
    'a: &a {b: *a}',
    '? [x]\n: y',
    '- a',
    'a',
    '!!binary x',
    'a: b\n...\nc',
  ],
  ...[
    'a: !!set {b}',
    '<<: {a: b}',
    'a: &x b\nc: *x',
    '*a : b',
    '{a: b}: c',
    'a: |9\n x',
    '%YAML 1.2\n---\na: b',
    '"\\ud800": "\\udfff"',
  ],
  ...[
    'tags: ["\\ud800", "\\ud801", "a", "a", 1, ""]',
    'name: "\\0"',
    '"__proto__": {"x": 1}',
    'constructor: {prototype: {x: 1}}',
  ],
  ...[bomb(''), bomb('\nname: *j'), '['.repeat(5_000), `a: ${'{a: '.repeat(5_000)}`, `${'- '.repeat(5_000)}a`],
  ...[`a: ${'['.repeat(90)}${']'.repeat(90)}`, `${'k'.repeat(70_000)}: v`, `? ${'k'.repeat(2_000)}\n: v`],
  Array.from({ length: 150 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  Array.from({ length: 5_000 }, (_, at) => `k${at}: v`).join('\n'),
]

const SIDECARS = [
  'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\nannotations: {requires: ["\\0", "\\ud800", b.md], tags: ["\\udc00", "\\udc01"]}',
  'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\nannotations: {supersededBy: "c/d\\0.md", version: 9007199254740991}',
  'identity: {path: a.md, bodyHash: x, frontmatterHash: y}\nannotations: {__proto__: {a: b}, stability: odd}\n__proto__: x\nconstructor: y',
  'identity: {path: a.md, bodyHash: x, frontmatterH',
  'identity:',
]

const yaml = fc.oneof(fc.constantFrom(...HOSTILE_YAML, ...SIDECARS), mappingText, word)

const HOSTILE_MARKDOWN = [
  ...[
    '# a',
    '@a',
    '/b',
    '@a/b',
    '[x](a.md)',
    '[x](c/../b.md#y "z")',
    '[',
    '](',
    '![',
    '`',
    '```',
    '~~~',
    '\t',
    '    code',
  ],
  ...[
    '> ',
    '<b>',
    '</x>',
    'http://x.y/?',
    'https://[::1',
    '\r',
    '\n',
    '\r\n',
    '\0',
    '\ufeff',
    '\ud800',
    '<|endoftext|>',
    '@__proto__',
  ],
  ...[
    '/constructor',
    '[x](__proto__)',
    '[x](%00)',
    '[x](\u202e.md)',
    '[x](a:b)',
    '* '.repeat(200),
    '['.repeat(3_000),
    '`'.repeat(999),
  ],
  ...[
    '[a]('.repeat(2_000),
    '@a'.repeat(2_000),
    '/a'.repeat(2_000),
    '> '.repeat(500),
    'a '.repeat(3_000),
    '*_'.repeat(2_000),
  ],
]
const markdown = fc.oneof(
  fc.array(fc.oneof(fc.constantFrom(...HOSTILE_MARKDOWN), word), { maxLength: 12 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...HOSTILE_MARKDOWN), { maxLength: 6 }).map((parts) => parts.join('\n')),
)

const opening = fc.constantFrom('---\n', '---\n', '---\n', '---\r\n', '\ufeff---\n', ' ---\n', '--- \n', '----\n', '')
const closing = fc.constantFrom('\n---\n', '\n---\n', '\n---\n', '\n---', '\r\n---\r\n', '\n ---\n', '\n...\n', '')

const text = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(opening, yaml, closing, markdown).map((parts) => parts.join('')) },
  { weight: 3, arbitrary: yaml },
  { weight: 2, arbitrary: markdown },
)

/** What becomes of a text between an editor and a disk. */
const HARMS: readonly ((bytes: Buffer) => Uint8Array)[] = [
  (bytes) => bytes,
  (bytes) => bytes,
  (bytes) => Buffer.from(bytes.toString().replaceAll('\n', '\r\n')),
  (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
  (bytes) => Buffer.concat([bytes.subarray(0, bytes.length >> 1), Buffer.from([0xff, 0xc0, 0xed, 0xa0, 0x80]), bytes]),
  (bytes) => bytes.subarray(0, (bytes.length * 2) / 3),
  (bytes) => Buffer.from(bytes.toString(), 'utf16le'),
  (bytes) => Buffer.from(bytes.toString(), 'latin1'),
]

const PATHS = [
  ...[
    'a.md',
    'a.sm',
    'b.md',
    'b.sm',
    'c/d.md',
    'c/d.sm',
    'gone.sm',
    'A.MD',
    'a.md.sm',
    '.sm',
    '.md',
    'x.yaml',
    'e\u0301.md',
    '\u00e9.md',
  ],
  ...[
    '.claude/agents/a.md',
    '.claude/agents/a.sm',
    '.claude/commands/b.md',
    '.claude/skills/s/SKILL.md',
    '.gemini/agents/g.md',
  ],
  ...[
    '.agents/skills/s/SKILL.md',
    '__proto__.md',
    '__proto__.sm',
    'constructor/prototype.md',
    'line\nbreak.md',
    'esc\u001b[2J.md',
  ],
  ...[
    'sp ace.md',
    '"quote".md',
    "'.md",
    '#.md',
    'a?b.md',
    '%00.md',
    '-rf.md',
    '\u202egnp.md',
    '.skillmapignore',
    '..md',
    'a\\b.md',
    '.../a.md',
    '....md',
    'q/...',
  ],
]

const file: fc.Arbitrary<HostileFile> = fc.record({
  path: fc.constantFrom(...PATHS),
  bytes: fc.tuple(text, fc.constantFrom(...HARMS)).map(([written, harm]) => new Uint8Array(harm(Buffer.from(written)))),
})

export const hostileFiles: fc.Arbitrary<HostileFile[]> = fc.uniqueArray(file, {
  minLength: 1,
  maxLength: 8,
  selector: ({ path }) => path,
})
