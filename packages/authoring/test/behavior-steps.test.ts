import { checkBehavior, folderOf, type Candidate, type OpenScene, type Published, type Scene } from '@tenon/authoring'
import { TenonError, type Problem } from '@tenon/contract'
import { expect, test } from 'vitest'

const FILES = {
  'schemas/odd.schema.json': { type: 'object', required: ['odd'] },
  'schemas/even.schema.json': { type: 'object', required: ['even'] },
  'schemas/wrong.schema.json': { type: 'text' },
}

const FILE = 'conformance/behavior/demo.feature'

/** A plugin of which nothing is looked at but its feature, and what lies beside it. */
function candidateWith(feature: string): Candidate {
  const files = { ...FILES, [FILE]: feature }
  const spec = { specVersion: 1, id: 'demo', name: 'Demo', version: '1.0.0' } as const
  return {
    spec: { ...spec, runtime: { kind: 'node', entry: 'src/plugin.ts' } },
    packages: [],
    folder: folderOf(
      '/nowhere',
      Object.entries(files).map(([path, text]) => ({
        path,
        bytes: Buffer.from(typeof text === 'string' ? text : JSON.stringify(text)),
      })),
    ),
  }
}

/** A plugin of every kind at once: its operations publish and answer what they are given, but for one, which refuses. */
const everything = (published: Published[] = []): Scene => ({
  host: {
    ...{ grant: () => {}, deny: () => {}, store: async () => {}, neighbour: async () => {}, memoryMb: () => undefined },
    call: async (operation, input) => {
      if (operation === 'refuse') throw new TenonError('INPUT_INVALID', 'there is no "text"')
      published.push({ type: `demo.${operation}`, payload: input })
      return input
    },
    stored: async (key) => (key === 'kept' ? { a: 1 } : undefined),
    published: () => published,
    callsOf: (plugin, operation) => (`${plugin}/${operation}` === 'other/price' ? 2 : 0),
  },
  dataset: {
    ...{ file: async () => {}, configure: () => {}, run: async () => ['out.json', 'out.txt'] },
    output: async (path) => ({ 'out.json': '{"rows":[{"a":1,"b":2}]}', 'out.txt': 'all went well' })[path],
  },
  map: { file: async () => {}, scan: async () => ({ shown: { badge: 'x' }, warnings: ['it is long'] }) },
  http: {
    send: async (who, { method, path, body = null }) => ({ status: 200, body: { who, method, path, body } }),
    requests: (path) => (path === '/api/v1/plugins' ? 1 : 0),
  },
  recorded: () => [],
  [Symbol.asyncDispose]: async () => {},
})

/** What is said of a scenario of these steps, the first of which is in line 3. */
async function problemsOf(steps: readonly string[], openScene: OpenScene): Promise<Problem[]> {
  const feature = ['Feature: F', '  Scenario: S', ...steps.map((step) => `    ${step}`), ''].join('\n')
  return (await checkBehavior(candidateWith(feature), openScene)).problems
}

/** What was done before, a step that holds then, one that does not, and why it does not. */
const steps: [string, string, string, string][] = [
  [
    'When I call "echo" with {"a":1}',
    'Then it answers {"a":1}',
    'Then it answers {"a":2}',
    'it is {"a":1}, not {"a":2}',
  ],
  [
    'When I call "echo" with {"a":1}',
    'Then it answers something like {}',
    'Then it answers something like {"b":1}',
    'at /b it is nothing, not 1',
  ],
  [
    'When I call "echo" with {"a":1}',
    'Then the answer at "/a" is 1',
    'Then the answer at "/b" is 1',
    'it is nothing, not 1',
  ],
  [
    'When I call "echo" with {"odd":1}',
    'Then it answers something that matches "schemas/odd.schema.json"',
    'Then it answers something that matches "schemas/even.schema.json"',
    'at "/even": the key "even" is missing',
  ],
  [
    'When I call "echo" with {"odd":1}',
    'Then it answers {"odd":1}',
    'Then it answers something that matches "schemas/none.json"',
    'schemas/none.json is missing',
  ],
  [
    'When I call "echo" with {"odd":1}',
    'Then it answers {"odd":1}',
    'Then it answers something that matches "schemas/wrong.schema.json"',
    'SCHEMA_INVALID: the schema is invalid at "/type": "type" must be one of array, boolean, integer, null, number, object, string, or a list of some, not "text"',
  ],
  [
    'When I call "echo" with {"odd":1}',
    'Then it answers {"odd":1}',
    'Then it refuses with INPUT_INVALID',
    'it answers {"odd":1}',
  ],
  [
    'When I call "echo" with 1',
    'Then it answers 1',
    'Then it answers {1}',
    'no JSON: expected a key but found "1" at line 1, column 2',
  ],
  [
    'When I call "refuse"',
    'Then it refuses with INPUT_INVALID',
    'Then it refuses with OTHER',
    'it refuses with INPUT_INVALID: there is no "text"',
  ],
  ['When I call "refuse"', 'Then it says "no \\"text\\""', 'Then it says "more"', 'it says "there is no \\"text\\""'],
  [
    'When I call "refuse"',
    'Then it says "text"',
    'Then it says "\\x"',
    'no JSON: a string holds an unknown escape at line 1, column 3',
  ],
  [
    'When I call "refuse"',
    'Then it says "text"',
    'Then it answers null',
    'it refuses with INPUT_INVALID: there is no "text"',
  ],
  ['', 'Then "kept" was stored', 'Then "lost" was stored', 'nothing is stored there'],
  ['', 'Then "kept" was stored as {"a":1}', 'Then "kept" was stored as {"a":2}', 'it is {"a":1}, not {"a":2}'],
  ['', 'Then "lost" was not stored', 'Then "kept" was not stored', 'it holds {"a":1}'],
  [
    'When I call "echo" with {"a":1,"b":2}',
    'Then the event "demo.echo" was published',
    'Then the event "demo.begun" was published',
    'published was demo.echo {"a":1,"b":2}',
  ],
  [
    'When I call "echo" with {"a":1,"b":2}',
    'Then the event "demo.echo" was published with {"a":1}',
    'Then the event "demo.echo" was published with {"a":2}',
    'published was demo.echo {"a":1,"b":2}',
  ],
  [
    'When I call "echo" with {"a":1,"b":2}',
    'Then the event "demo.echo" was published',
    'Then no event was published',
    'published was demo.echo {"a":1,"b":2}',
  ],
  ['', 'Then no event was published', 'Then the event "demo.echo" was published', 'nothing was published'],
  [
    '',
    'Then the operation "price" of "other" was called 2 times',
    'Then the operation "price" of "other" was called 1 time',
    'it was called 2 time(s)',
  ],
  [
    'When the dataset is run',
    'Then the output "out.json" at "/rows/0/a" is 1',
    'Then the output "out.json" at "/rows/0/a" is 2',
    'it is 1, not 2',
  ],
  [
    'When the dataset is run',
    'Then the output "out.json" at "/rows/0" has {"b":2}',
    'Then the output "out.json" at "/rows/0" has {"c":3}',
    'at /c it is nothing, not 3',
  ],
  [
    'When the dataset is run',
    'Then the output "out.txt" holds "well"',
    'Then the output "out.txt" holds "ill"',
    'it is "all went well"',
  ],
  [
    'When the dataset is run',
    'Then the output "out.txt" holds "well"',
    'Then the output "out.txt" at "/a" is 1',
    'the output is no JSON',
  ],
  [
    'When the dataset is run',
    'Then it answers ["out.json","out.txt"]',
    'Then the output "none" holds "a"',
    'no such output was written',
  ],
  [
    'When a node holds "x"',
    'Then it shows {"badge":"x"}',
    'Then it shows {"badge":"y"}',
    'it is {"badge":"x"}, not {"badge":"y"}',
  ],
  [
    'When a node holds "x"',
    'Then it has the warning it is long',
    'Then it has the warning it is short',
    'its warnings are ["it is long"]',
  ],
  ['When a node holds "x"', 'Then it shows {"badge":"x"}', 'Then it has no warning', 'it is ["it is long"], not []'],
  ['When I call "echo" with 1', 'Then it answers 1', 'Then it has no warning', 'nothing was scanned before'],
  [
    'When the host sends GET /a',
    'Then the answer is 200 with {"body":null,"who":"host"}',
    'Then the answer is 404 with {}',
    'at /status it is 200, not 404',
  ],
  [
    'When a stranger sends POST /a {"x":1}',
    'Then the answer is 200 with {"body":{"x":1},"who":"stranger"}',
    'Then the answer is 200 with {"who":"host"}',
    'at /body/who it is "stranger", not "host"',
  ],
  [
    '',
    'Then the host is sent /api/v1/plugins 1 time',
    'Then the host is sent /api/v1/plugins 2 times',
    'it was sent it 1 time(s)',
  ],
  ['', 'Then "kept" was stored', 'Then it answers 1', 'nothing was asked before'],
]

test.each(steps)('after %j it is so that %j, and not that %j', async (before, holds, fails, why) => {
  const done = before === '' ? [] : [before]
  expect(await problemsOf([...done, holds], async () => everything())).toEqual([])
  expect(await problemsOf([...done, holds, fails], async () => everything())).toMatchObject([
    { code: 'BEHAVIOR_FAILED', line: 4 + done.length, message: `S: ${why}` },
  ])
})

test('what is like no step is hinted at by the list of all of them', async () => {
  expect(await problemsOf(['Then all is well'], async () => everything())).toMatchObject([
    {
      ...{ code: 'BEHAVIOR_UNDEFINED', line: 3, message: 'S: no step reads "all is well"' },
      hint: 'docs/conformance-steps.md lists the steps.',
    },
  ])
})

test('a plugin that does not start fails its scenario, and a machine that cannot run it says nothing of the plugin', async () => {
  const failing = (error: TenonError) => async (): Promise<never> => {
    throw error
  }
  const ended = new TenonError('PLUGIN_START_FAILED', 'its server ended', { hint: 'no such module' })
  expect(await problemsOf(['Then it answers 1'], failing(ended))).toMatchObject([
    { code: 'BEHAVIOR_FAILED', line: 2, message: 'S: PLUGIN_START_FAILED: its server ended', hint: 'no such module' },
  ])
  const none = new TenonError('ISOLATION_UNAVAILABLE', 'there is no sandbox')
  await expect(problemsOf(['Then it answers 1'], failing(none))).rejects.toBe(none)
})

test('a feature without a word holds no scenario', async () => {
  expect(await checkBehavior(candidateWith(''), async () => everything())).toMatchObject({
    ...{ verdict: 'fail', checked: 0 },
    problems: [{ code: 'BEHAVIOR_EMPTY', file: FILE, line: 1, message: 'holds no scenario' }],
  })
})
