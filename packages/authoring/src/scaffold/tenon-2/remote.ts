import type { PluginSpec } from '@tenon/contract'
import type { TextFile } from '../../folder/text-file.ts'
import { quoted } from '../../fences/schema-type.ts'
import { ANSWER, operationDocuments, type Operation } from './operation-documents.ts'
import { operationConformance } from './scenarios.ts'

export function remoteFiles({ id, operations = [] }: PluginSpec): TextFile[] {
  return [
    { path: 'src/server.ts', text: server(id, operations) },
    ...operations.flatMap((operation) => [
      ...operationDocuments(operation),
      ...(isPlain(operation) ? operationConformance(operation, REFUSED) : []),
      ...testsOf(operation),
    ]),
  ]
}

/** What the host makes of any answer that tells of a failure. */
const REFUSED = 'OPERATION_FAILED'

const placeOf = ({ name, endpoint }: Operation): { method: string; path: string } => ({
  method: endpoint?.method ?? 'POST',
  path: endpoint?.path ?? `/api/${name}`,
})

/** Of what is asked for otherwise, the parameters are not known. */
function isPlain(operation: Operation): boolean {
  const { method, path } = placeOf(operation)
  return method === 'POST' && !path.includes('{')
}

const server = (id: string, operations: readonly Operation[]): string => `import { createServer } from 'node:http'

type Answer = [status: number, body: unknown]

/** What is served, and nothing else is. */
const operations: Record<string, (input: unknown) => Answer> = {
${operations.filter(isPlain).map(route).join('\n')}
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const textOf = (input: unknown): string | undefined =>
  isObject(input) && typeof input['text'] === 'string' && input['text'].trim() !== '' ? input['text'] : undefined

const refusal = (detail: string): Answer => [422, { detail }]

function inputOf(body: string): { input: unknown } | undefined {
  try {
    return { input: body === '' ? null : JSON.parse(body) }
  } catch {
    return undefined
  }
}

/** Answers health and the operations; start it with "node src/server.ts" and tell the host its address. */
export const app = createServer(async (request, response) => {
  const answer = ([status, body]: Answer): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  if (request.url === '/health') return answer([200, { status: 'healthy', plugin: '${id}' }])
  const operation = operations[\`\${request.method} \${request.url}\`]
  if (operation === undefined) return answer([404, { detail: 'no such path' }])
  const given = inputOf(Buffer.concat(await Array.fromAsync(request)).toString('utf8'))
  answer(given === undefined ? [400, { detail: 'this is no JSON' }] : operation(given.input))
})

if (import.meta.main) app.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1')
`

function route(operation: Operation): string {
  const { method, path } = placeOf(operation)
  const answer = operation.output ? `{ ${operation.input ? 'text' : `text: '${ANSWER}'`} }` : 'null'
  const body = operation.input
    ? [
        `(input) => {`,
        `    const text = textOf(input)`,
        `    return text === undefined ? refusal('the text is blank') : [200, ${answer}]`,
        `  }`,
      ].join('\n')
    : `(input) => (input === null ? [200, ${answer}] : refusal('it takes nothing'))`
  return `  ${quoted(`${method} ${path}`)}: ${body},`
}

function testsOf(operation: Operation): TextFile[] {
  if (operation.tests !== undefined || !isPlain(operation)) return []
  const { name, input } = operation
  const { path } = placeOf(operation)
  const [what, refused] = input
    ? ['a blank text', `JSON.stringify({ text: ' ' })`]
    : ['an input, as it takes none', `'{}'`]
  const text = `import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { app } from '../src/server.ts'

const example = (name: string): string => readFileSync(new URL(\`../examples/\${name}.json\`, import.meta.url), 'utf8')

before(async () => {
  app.listen(0, '127.0.0.1')
  await once(app, 'listening')
})
after(() => app.close())

async function ask(path: string, body: string): Promise<Response> {
  const address = app.address()
  assert.ok(address !== null && typeof address === 'object')
  return fetch(\`http://127.0.0.1:\${address.port}\${path}\`, { method: 'POST', body })
}

test('answers its example as it says', async () => {
  const answer = await ask(${quoted(path)}, example('${name}_request'))
  assert.deepEqual(await answer.json(), JSON.parse(example('${name}_response')))
})

test('refuses ${what}', async () => {
  assert.equal((await ask(${quoted(path)}, ${refused})).status, 422)
})

test('refuses what is no JSON, and has nothing elsewhere', async () => {
  assert.equal((await ask(${quoted(path)}, '{')).status, 400)
  assert.equal((await ask('/elsewhere', '')).status, 404)
})
`
  return [{ path: `tests/test_${name}.ts`, text }]
}
