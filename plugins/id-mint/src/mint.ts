import { PluginError } from '@tenon/sdk'
import { checkedId } from './checked-id.ts'
import type { Context, MintInput, MintOutput } from './plugin-types.ts'
import { nextUlids } from './ulid.ts'

/**
 * Mints identifiers and announces them. What was reserved is stored before it is handed out: a plugin that is killed in
 * between leaves a gap, never the same identifier twice.
 */
export async function mint({ kind, prefix, count = 1 }: MintInput, context: Context): Promise<MintOutput> {
  if (kind === 'ulid' && prefix !== undefined)
    throw new PluginError('PREFIX_UNUSED', `a ULID has no prefix, yet "${prefix}" was given`, {
      hint: 'Leave the prefix out, or mint checked ids.',
    })
  const ids = await inTurn(() => (kind === 'ulid' ? ulids(count, context) : checkedIds(prefix, count, context)))
  const [first = '', last = first] = [ids[0], ids.at(-1)]
  await context.events.publish('plugin.id-mint.minted', { kind, count, first, last })
  return { kind, ids }
}

const NEWEST_ULID = 'ulid/newest'

async function ulids(count: number, { kv }: Context): Promise<string[]> {
  const newest = await kv.get(NEWEST_ULID)
  const ids = nextUlids(count, Date.now(), typeof newest === 'string' ? newest : undefined)
  await kv.set(NEWEST_ULID, ids.at(-1) ?? '')
  return ids
}

async function checkedIds(given: string | undefined, count: number, { kv, config }: Context): Promise<string[]> {
  const prefix = given ?? (await config.get())['default-prefix']
  const key = `number/${prefix}`
  const used = Number((await kv.get(key)) ?? 0)
  const ids = Array.from({ length: count }, (_, index) => checkedId(prefix, used + 1 + index)).filter(
    (id) => id !== undefined,
  )
  if (ids.length < count)
    throw new PluginError('NUMBERS_EXHAUSTED', `the prefix "${prefix}" has ${ids.length} number(s) left`, {
      hint: 'Use another prefix.',
    })
  await kv.set(key, used + count)
  return ids
}

let queue: Promise<unknown> = Promise.resolve()

/** Reading a counter and storing it again are two requests to the host, so that calls take turns. */
async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const turn = queue.then(work)
  queue = turn.catch(() => undefined)
  return turn
}
