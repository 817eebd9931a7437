import { wallWorld } from '@tenon/testkit'
import { openedAt } from './opened-storage.ts'

const [place = ''] = process.argv.slice(2)
const storage = await openedAt(place, wallWorld())
const notes = storage.kv('notes', { quotaBytes: 1e9 })

/** Several writers at once, so that a kill finds commits of every size under way. */
async function write(writer: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const key = `${writer}-${n}`
    await notes.apply({ changes: ['left', 'right'].map((half) => ({ set: `${key}-${half}`, value: n })) })
    process.stdout.write(`${key}\n`)
  }
}

await Promise.all([write(1), write(2), write(3)])
