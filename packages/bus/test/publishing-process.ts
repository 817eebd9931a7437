import { wallWorld } from '@tenon/testkit'
import { eventOf, openedBus } from './opened-bus.ts'

const [folder = ''] = process.argv.slice(2)
const world = wallWorld()
const { bus } = await openedBus(folder, world)

/** Settles once the line is in the pipe, where a kill leaves it; a reader that is slow leaves no room there for a while. */
const say = (what: string, payload: unknown): Promise<void> =>
  new Promise((resolve) => process.stdout.write(`${what} ${String(payload)}\n`, () => resolve()))

await bus.subscribe({ subscriber: 'reader', pattern: '**' }, ({ payload }) => say('handled', payload))

async function publish(publisher: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const payload = `${publisher}-${n}`
    await bus.publish(eventOf(world, { payload }))
    await say('published', payload)
  }
}

await Promise.all([publish(1), publish(2), publish(3)])
