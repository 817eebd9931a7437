import { expect, test } from 'vitest'
import type { Parsed } from './in-process.ts'
import { made } from './tested-plugin.ts'

const probe = (one: object): string => JSON.stringify({ timeout_ms: 5_000, fail_after: 1, ...one })

/** What certifying says of the start of a new plugin with these blocks of probes, and these files in place of its own. */
async function startOf(
  kind: string,
  blocks: readonly string[],
  files: Record<string, string | object> = {},
): Promise<[checked: number, messages: string[]]> {
  const { tenon, write } = await made(kind)
  write({ 'healthcheck.md': blocks.map((block) => `\`\`\`probe\n${block}\n\`\`\`\n`).join('\n'), ...files })
  const { report } = (await tenon(['plugin', 'certify', 'demo', '--json'])).json()
  const { checked, problems } = report.gates.find(({ gate }: Parsed) => gate === 'start')
  return [checked, problems.map(({ message, hint }: Parsed) => [message, hint ?? []].flat().join(': '))]
}

const contract = (...entries: object[]) => ({ 'ledger_contract.json': { entries } })

test('a probe is compared with what a program prints, JSON or text, and tells why it has no answer', async () => {
  const says = (word: string) =>
    probe({ id: word, kind: 'exec', target: `node src/say.mjs ${word}`, expect: `examples/${word}.json` })
  const blocks = [
    says('text'),
    says('null'),
    probe({ id: 'asked', kind: 'op', target: 'echo', request: 'examples/echo_request.json' }),
    probe({ id: 'broken', kind: 'op', target: 'echo', request: 'examples/broken.json' }),
    probe({ id: 'bare', kind: 'op', target: 'echo' }),
    probe({ id: 'calls', kind: 'ledger', target: 'operator.call' }),
    'id: [',
  ]
  const files = {
    'src/say.mjs': "process.stdout.write(process.argv[2] === 'null' ? 'null' : 'It is well.\\n')\n",
    'examples/text.json': '"It is well.\\n"',
    'examples/null.json': 'null',
    'examples/broken.json': '{',
    ...contract({ action: 'operator.call', target: 'demo/echo', required: ['actor', 'weather'], details: ['level'] }),
  }
  expect(await startOf('node', blocks, files)).toEqual([
    7,
    [
      '"broken" fails 1 time(s) in a row: JSON_INVALID: examples/broken.json holds no JSON',
      '"bare" fails 1 time(s) in a row: INPUT_INVALID: the input of demo/echo breaks its schema at "": null must be object',
      '"calls" fails 1 time(s) in a row: operator.call lacks weather',
    ],
  ])
})

const LEDGER = probe({ id: 'recorded', kind: 'ledger', target: 'demo' })

test.each<[string, string, string[], Record<string, string | object>, unknown[]]>([
  [
    'promises no entry to look for',
    'node',
    [LEDGER],
    contract(),
    ['"recorded" fails 1 time(s) in a row: the ledger has no entry of those promised'],
  ],
  [
    'answers no calls, and has no ledger contract',
    'python',
    [probe({ id: 'count', kind: 'op', target: 'count' }), LEDGER],
    { 'ledger_contract.json': '[]' },
    [
      '"count" fails 1 time(s) in a row: OPERATION_UNKNOWN: a plugin of kind python answers no calls',
      '"recorded" fails 1 time(s) in a row: JSON_INVALID: ledger_contract.json holds no entries',
    ],
  ],
  [
    'throws when it is loaded',
    'node',
    [],
    { 'src/plugin.ts': 'throw new Error("out of order")\nexport default {}\n' },
    [expect.stringMatching(/^"demo" does not start: PLUGIN_START_FAILED: demo did not start: out of order: Look at /)],
  ],
  [
    'has no function to enter it by',
    'python',
    [],
    { 'src/demo/run.py': 'run = 1\n' },
    ['"demo" does not start: PLUGIN_START_FAILED: demo.run:run cannot be imported: AssertionError: run is no function'],
  ],
])('a plugin that %s fails its start', async (_, kind, blocks, files, messages) => {
  expect(await startOf(kind, blocks, files)).toEqual([1 + blocks.length, messages])
})

test('a plugin of a kind that is run nowhere here gets no report, since the fault is none of it', async () => {
  const { tenon } = await made('container')
  expect(await tenon(['plugin', 'certify', 'demo'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'error ISOLATION_UNAVAILABLE: plugins of kind container are not run by this version\n',
  })
})
