import { jsonValue, limits, TenonError, type Json, type World } from '@tenon/contract'

export type UpstreamBody = string | Uint8Array<ArrayBuffer> | undefined
export type UpstreamRequest = {
  url: string
  method: string
  headers: Record<string, string>
  body: UpstreamBody
  signal: AbortSignal
}
export type UpstreamAnswer = { status: number; contentType: string; body: Uint8Array }

/** Speaks HTTP with a remote plugin. Redirects are not followed; longer answers than the bound are refused. */
export type Upstream = (request: UpstreamRequest) => Promise<UpstreamAnswer>

/** Upstream over Node's fetch. */
export function fetchUpstream(fetch: typeof globalThis.fetch, world: World): Upstream {
  return async ({ url, method, headers, body, signal }) => {
    const deadline = new AbortController()
    const timer = world.timer(limits.callMs, deadline.signal).then(
      () => deadline.abort('deadline'),
      () => undefined,
    )
    try {
      const answer = await fetch(url, {
        method,
        headers,
        redirect: 'manual',
        signal: AbortSignal.any([signal, deadline.signal]),
        ...(body === undefined ? {} : { body }),
      })
      const bytes = await boundedBytes(answer)
      return { status: answer.status, contentType: answer.headers.get('content-type') ?? '', body: bytes }
    } catch (cause) {
      if (cause instanceof TenonError) throw cause
      if (signal.aborted) throw new TenonError('CALL_CANCELLED', 'the caller is gone', { cause })
      if (deadline.signal.aborted && deadline.signal.reason === 'deadline')
        throw new TenonError('CALL_TIMEOUT', `${new URL(url).host} did not answer within ${limits.callMs} ms`)
      throw new TenonError('UPSTREAM_UNREACHABLE', `${new URL(url).host} cannot be reached`, { cause })
    } finally {
      deadline.abort('answered')
      await timer
    }
  }
}

async function boundedBytes(answer: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.body ?? []) {
    size += chunk.length
    if (size > limits.proxyResponseBytes)
      throw new TenonError('UPSTREAM_UNREACHABLE', `the answer is longer than ${limits.proxyResponseBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** A remote plugin's answer as JSON; text that is none comes back as `{ raw }`. */
export function jsonOf({ body }: UpstreamAnswer): Json {
  const text = Buffer.from(body).toString('utf8')
  if (text === '') return null
  try {
    return jsonValue(text) as Json
  } catch {
    return { raw: text }
  }
}
