import { expect, test } from 'vitest'
import { readSpec } from '@tenon/contract/schema'

const spec = {
  specVersion: 1,
  id: 'demo',
  name: 'Demo',
  version: '1.0.0',
  runtime: { kind: 'node', entry: 'src/plugin.ts' },
}
const operation = { name: 'mint', summary: 's', input: true, output: true }

/** What a person reads of a spec, a line a problem. */
const told = (changes: object): string =>
  readSpec(JSON.stringify({ ...spec, ...changes }, null, 2))
    .problems.map(
      ({ line, pointer, message, hint }) => `${line} ${pointer} ${message}${hint === undefined ? '' : ` ${hint}`}`,
    )
    .join('\n')

test.each([
  [
    'a misspelt key',
    { permision: [] },
    '10 /permision the key "permision" is not known here Did you mean "permissions"?',
  ],
  ['a forgotten key', { version: undefined }, '1 /version the key "version" is missing'],
  ['a name as id', { id: 'My Plugin' }, '3 /id "My Plugin" must match pattern "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"'],
  ['a short version', { version: '1.0' }, expect.stringMatching(/^5 \/version "1\.0" must match pattern /)],
  [
    'a misspelt runtime',
    { runtime: { kind: 'nodejs', entry: 'a.ts' } },
    '7 /runtime/kind "nodejs" must be one of "node", "python", "container", "remote", "map" Did you mean "node"?',
  ],
  [
    "another runtime's key",
    { runtime: { kind: 'python', entry: 'a.py' } },
    '6 /runtime/entryPoint the key "entryPoint" is missing\n8 /runtime/entry the key "entry" is not known here Known keys: kind, entryPoint, project, requiresPython.',
  ],
  [
    'a path out of the folder',
    { runtime: { kind: 'node', entry: '../plugin.ts' } },
    expect.stringMatching(/^8 \/runtime\/entry "\.\.\/plugin\.ts" must match pattern /),
  ],
  ['a flag as text', { operations: [{ ...operation, input: 'yes' }] }, '14 /operations/0/input "yes" must be boolean'],
  [
    'a malformed capability',
    { permissions: [{ capability: 'net:connect:https://a.org', reason: 'r' }] },
    '12 /permissions/0/capability "net:connect:https://a.org": "//a.org" is no port',
  ],
  [
    'an event without its permission',
    { events: { emits: [{ type: 'plugin.demo.made', version: 1, schema: 'a.json' }] } },
    '13 /events/emits/0/type "plugin.demo.made" is emitted without a permission Add the permission "event:publish:plugin.demo.made".',
  ],
  ['too little memory', { resources: { memoryMb: 32 } }, '11 /resources/memoryMb 32 must be >= 64'],
  ['a dependency as a list', { dependencies: ['base'] }, '10 /dependencies ["base"] must be object'],
])('%s is told in plain words', (_what, changes, text) => {
  expect(told(changes)).toEqual(text)
})
