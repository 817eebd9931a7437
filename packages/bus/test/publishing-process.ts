import { wallWorld } from '@tenon/testkit'
import { eventOf, openedBus } from './opened-bus.ts'

const [folder = ''] = process.argv.slice(2)
const world = wallWorld()
const { bus } = await openedBus(folder, world)
const say = (what: string, payload: unknown): void => void process.stdout.write(`${what} ${String(payload)}\n`)

await bus.subscribe({ subscriber: 'reader', pattern: '**' }, async ({ payload }) => say('handled', payload))

async function publish(publisher: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const payload = `${publisher}-${n}`
    await bus.publish(eventOf(world, { payload }))
    say('published', payload)
  }
}

await Promise.all([publish(1), publish(2), publish(3)])
