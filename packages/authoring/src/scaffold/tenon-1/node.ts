import { prettyJson, type PluginSpec } from '@tenon/contract'
import { operationsFence } from '../../fences/code-fences.ts'
import { operationFunction, typeName } from '../../fences/code-names.ts'
import type { TextFile } from '../../folder/text-file.ts'
import { fenceText } from '../../fences/fence.ts'
import { echoDocuments } from './echo.ts'

const ENTRY = 'src/plugin.ts'

export function nodeFiles(plugin: PluginSpec): TextFile[] {
  const names = (plugin.operations ?? []).map(({ name }) => name)
  return [
    { path: ENTRY, text: entrySource(plugin) },
    ...names.flatMap((name) => [
      { path: `src/${name}.ts`, text: operationSource(name) },
      { path: `tests/test_${name}.ts`, text: testSource(name) },
      ...echoDocuments(name).map(({ path, value }) => ({ path, text: prettyJson(value) })),
    ]),
  ]
}

const entrySource = (plugin: PluginSpec): string => `import { definePlugin } from '@tenon/sdk'
import type { Types } from './plugin-types.ts'
${fenceText(operationsFence(plugin, ENTRY), '//')}

export default definePlugin<Types>({ operations })
`

function operationSource(name: string): string {
  const type = typeName(name)
  return `import type { Context, ${type}Input, ${type}Output } from './plugin-types.ts'

export async function ${operationFunction(name)}(input: ${type}Input, _ctx: Context): Promise<${type}Output> {
  return { text: input.text }
}
`
}

const testSource = (name: string): string => `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testPlugin } from '@tenon/sdk/testing'
import plugin from '../src/plugin.ts'

test('answers with the text it was given', async () => {
  const { call } = testPlugin(plugin)
  assert.deepEqual(await call('${name}', { text: 'hello' }), { text: 'hello' })
})

test('refuses an operation it does not have', async () => {
  const { call } = testPlugin(plugin)
  await assert.rejects(call('nothing', {}))
})
`
