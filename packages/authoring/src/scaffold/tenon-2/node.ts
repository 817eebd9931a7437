import { dirname, extname, join, relative } from 'node:path/posix'
import type { PluginSpec } from '@tenon/contract'
import { operationsFence } from '../../fences/code-fences.ts'
import { operationFunction, typeName } from '../../fences/code-names.ts'
import { fenceText } from '../../fences/fence.ts'
import { typesFile } from '../../fences/plugin-types.ts'
import type { TextFile } from '../../folder/text-file.ts'
import { ANSWER, operationDocuments, type Operation } from './operation-documents.ts'
import { operationConformance } from './scenarios.ts'

export function nodeFiles(spec: PluginSpec, entry: string): TextFile[] {
  const isTyped = typesFile(entry) !== undefined
  return [
    { path: entry, text: isTyped ? typedEntry(spec, entry) : plainEntry(spec, entry) },
    ...(spec.operations ?? []).flatMap((operation) => [
      {
        path: join(dirname(entry), `${operation.name}${extname(entry)}`),
        text: isTyped ? typedOperation(operation, extname(entry)) : plainOperation(operation),
      },
      ...operationDocuments(operation),
      ...operationConformance(operation, 'TEXT_BLANK'),
      ...testsOf(operation, entry, isTyped),
    ]),
  ]
}

const typedEntry = (spec: PluginSpec, entry: string): string => `import { definePlugin } from '@tenon/sdk'
import type { Types } from './plugin-types${extname(entry)}'
${fenceText(operationsFence(spec, entry), '//')}

export default definePlugin<Types>({ operations })
`

const plainEntry = (spec: PluginSpec, entry: string): string => `import { definePlugin } from '@tenon/sdk'
${fenceText(operationsFence(spec, entry), '//')}

export default definePlugin({ operations })
`

function typedOperation(operation: Operation, kind: string): string {
  const type = typeName(operation.name)
  return `import { PluginError } from '@tenon/sdk'
import type { Context, ${type}Input, ${type}Output } from './plugin-types${kind}'

${COMMENT}
export async function ${operationFunction(operation.name)}(input: ${type}Input, _ctx: Context): Promise<${type}Output> {
${bodyOf(operation)}
}
`
}

const plainOperation = (operation: Operation): string => `import { PluginError } from '@tenon/sdk'

${COMMENT}
export async function ${operationFunction(operation.name)}(input, _ctx) {
${bodyOf(operation)}
}
`

const COMMENT = `/** What it takes was checked against its schema before, and what it gives is checked after. */`

function bodyOf({ input, output }: Operation): string {
  const refusal = input
    ? `  if (input.text.trim() === '') throw new PluginError('TEXT_BLANK', 'the text is blank', { hint: 'Give some text.' })`
    : `  if (input !== null) throw new PluginError('INPUT_UNWANTED', 'something was given to what takes nothing')`
  const text = input ? 'input.text' : `'${ANSWER}'`
  return `${refusal}\n  return ${output ? `{ text: ${text} }` : 'null'}`
}

/** Tests that the spec keeps elsewhere are their author's from the start. */
function testsOf({ name, input, tests }: Operation, entry: string, isTyped: boolean): TextFile[] {
  if (tests !== undefined) return []
  const path = `tests/test_${name}${extname(entry)}`
  const [what, given, code] = input
    ? ['a blank text', `{ text: ' ' }`, 'TEXT_BLANK']
    : ['an input, as it takes none', '{}', 'INPUT_UNWANTED']
  const text = `import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { testPlugin } from '@tenon/sdk/testing'
import plugin from '${relative('tests', entry)}'

const example = (name${isTyped ? ': string' : ''}) =>
  JSON.parse(readFileSync(new URL(\`../examples/\${name}.json\`, import.meta.url), 'utf8'))

test('answers its example as it says', async () => {
  const { call } = testPlugin(plugin)
  assert.deepEqual(await call('${name}', example('${name}_request')), example('${name}_response'))
})

test('refuses ${what}', async () => {
  const { call } = testPlugin(plugin)
  await assert.rejects(call('${name}', ${given}), { code: '${code}' })
})
`
  return [{ path, text }]
}
