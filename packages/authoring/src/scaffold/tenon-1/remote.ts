import { prettyJson, type PluginSpec } from '@tenon/contract'
import type { TextFile } from '../../folder/text-file.ts'
import { echoDocuments } from './echo.ts'

export function remoteFiles(plugin: PluginSpec): TextFile[] {
  return [
    { path: 'src/server.ts', text: server(plugin.id) },
    { path: 'tests/test_echo.ts', text: TEST },
    ...echoDocuments('echo').map(({ path, value }) => ({ path, text: prettyJson(value) })),
  ]
}

const server = (id: string): string => `import { createServer } from 'node:http'

/** Answers health and echo; start it with "node src/server.ts" and tell the host its address. */
export const app = createServer(async (request, response) => {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  if (request.url === '/health') return answer(200, { status: 'healthy', plugin: '${id}' })
  if (request.url !== '/api/echo' || request.method !== 'POST') return answer(404, { detail: 'no such path' })
  const chunks = await Array.fromAsync(request)
  answer(200, JSON.parse(Buffer.concat(chunks).toString('utf8')))
})

if (import.meta.main) app.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1')
`

const TEST = `import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { app } from '../src/server.ts'

test('answers with the text it was given, and nothing elsewhere', async (context) => {
  app.listen(0, '127.0.0.1')
  await once(app, 'listening')
  context.after(() => app.close())
  const address = app.address()
  assert.ok(address !== null && typeof address === 'object')
  const url = \`http://127.0.0.1:\${address.port}\`
  const answer = await fetch(\`\${url}/api/echo\`, { method: 'POST', body: JSON.stringify({ text: 'hello' }) })
  assert.deepEqual(await answer.json(), { text: 'hello' })
  assert.equal((await fetch(\`\${url}/elsewhere\`)).status, 404)
})
`
