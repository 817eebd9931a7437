import { request, type IncomingHttpHeaders } from 'node:http'
import { TenonError } from '@tenon/contract'
import { onTestFinished } from 'vitest'
import { validatorOf, problemSchema } from '@tenon/contract/schema'
import { wallWorld } from '@tenon/testkit'
import { buildServer, type Face, type Principal, type Route, type Server, type ServerOptions } from '@tenon/http'

export type Answered = { status: number; headers: IncomingHttpHeaders; text: string; json(): Record<string, unknown> }
export type Question = { method?: string; headers?: Record<string, string>; body?: string | Uint8Array }

/** One request with exactly these headers, as no browser-like client would send it. */
export function ask(url: string, { method = 'GET', headers = {}, body }: Question = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const length: Record<string, number> =
      body === undefined || 'transfer-encoding' in headers ? {} : { 'content-length': Buffer.byteLength(body) }
    const sent = request(url, { method, headers: { ...length, ...headers }, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json: () => JSON.parse(text) })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

export const askJson = (url: string, body: unknown, method = 'POST', headers: Record<string, string> = {}) =>
  ask(url, { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })

export type Person = { kind: 'admin'; name: string } | { kind: 'plugin'; id: string }

/** A face whose tokens are `admin` and `plugin`. */
export const faceOf = (routes: Route<Person>[]): Face<Person> => ({
  title: 'a face',
  routes,
  principals: {
    admin: [
      { type: 'http', scheme: 'bearer', description: 'an administrator token' },
      { type: 'apiKey', in: 'cookie', name: 'session', description: 'a session' },
    ],
    plugin: [{ type: 'http', scheme: 'bearer', description: 'a plugin token' }],
  },
  authenticate: async ({ headers }) => {
    if (headers.authorization === 'Bearer admin') return { kind: 'admin', name: 'Ada' }
    if (headers.authorization === 'Bearer plugin') return { kind: 'plugin', id: 'notes' }
    throw new TenonError('TOKEN_INVALID', 'the token is missing or wrong')
  },
})

export function newServer(options: Partial<ServerOptions> = {}): Server {
  const server = buildServer({
    world: wallWorld(),
    name: 'test',
    version: '1.2.3',
    bodyLimitBytes: 1_000,
    checkResponses: true,
    ...options,
  })
  onTestFinished(() => server.close())
  return server
}

export async function serve<P extends Principal>(face: Face<P>, options: Partial<ServerOptions> = {}): Promise<string> {
  const server = newServer(options)
  server.mount('', face)
  return (await server.listen({ host: '127.0.0.1', port: 0 })).url
}

const problemDocuments = validatorOf(problemSchema)

/** The code of an answer that must be a problem document. */
export function codeOf(answer: Answered): string {
  if (answer.headers['content-type'] !== 'application/problem+json') throw new Error(`no problem: ${answer.text}`)
  const problems = problemDocuments.problems(answer.json())
  if (problems.length > 0 || answer.json()['status'] !== answer.status) throw new Error(JSON.stringify(problems))
  return String(answer.json()['code'])
}
