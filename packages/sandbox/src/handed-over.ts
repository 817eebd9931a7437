/**
 * Parts of an answer, from the one who gives them to the one who takes them. One file, standard library only: it is handed
 * in to node plugins too.
 */
import { once } from 'node:events'
import { PassThrough } from 'node:stream'

type Item<Part> = { part: Part } | { failure: unknown }

/**
 * What `work` gives, as it comes. `give` settles when there is room for the next one; `signal` is aborted when nobody takes
 * any more. What `work` fails with is thrown after all that it gave.
 */
export async function* handedOver<Part>(
  work: (give: (part: Part) => Promise<void>, signal: AbortSignal) => Promise<unknown>,
): AsyncGenerator<Part, void, undefined> {
  const stop = new AbortController()
  const items = new PassThrough({ objectMode: true, highWaterMark: 1 })
  const give = async (part: Part): Promise<void> => {
    if (!items.write({ part })) await once(items, 'drain', { signal: stop.signal })
  }
  work(give, stop.signal).then(
    () => items.end(),
    (failure: unknown) => items.end({ failure }),
  )
  try {
    for await (const item of items as AsyncIterable<Item<Part>>) {
      if ('failure' in item) throw item.failure
      yield item.part
    }
  } finally {
    stop.abort()
  }
}
