import { request, type IncomingHttpHeaders } from 'node:http'

export type Answered = { status: number; headers: IncomingHttpHeaders; text: string; body: Record<string, unknown> }
export type Question = { headers?: Record<string, string>; body?: unknown; raw?: string; signal?: AbortSignal }

/** One request with exactly these headers. `body` is sent as JSON, `raw` as it is. */
export function ask(
  url: string,
  method: string,
  { headers = {}, body, raw, signal }: Question = {},
): Promise<Answered> {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const described: Record<string, string> =
    sent === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(sent)) }
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: { ...described, ...headers },
      agent: false,
      ...(signal === undefined ? {} : { signal }),
    }
    const asking = request(url, options, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, body: objectIn(text) })
      })
    })
    asking.on('error', reject)
    asking.end(sent)
  })
}

function objectIn(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
