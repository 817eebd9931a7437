import { asTenonError, type Json } from '@tenon/contract'
import { problemAnswer } from '@tenon/http'

/**
 * Parts as lines of JSON. What fails before the first part is thrown; what fails later is the last line, because the status
 * is on its way by then.
 */
export async function linesOf(parts: AsyncGenerator<Json, void>, traceId: string): Promise<AsyncIterable<Uint8Array>> {
  const first = await parts.next()
  return lines(first, parts, traceId)
}

async function* lines(
  first: IteratorResult<Json, void>,
  rest: AsyncGenerator<Json, void>,
  traceId: string,
): AsyncGenerator<Uint8Array> {
  let count = 0
  try {
    for (let next = first; next.done !== true; next = await rest.next()) {
      count += 1
      yield line({ part: next.value })
    }
    yield line({ end: { parts: count } })
  } catch (thrown) {
    yield line({ error: problemAnswer(asTenonError(thrown), traceId) })
  } finally {
    await rest.return()
  }
}

const line = (value: object): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`)
