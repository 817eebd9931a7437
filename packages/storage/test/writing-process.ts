import { wallWorld } from '@tenon/testkit'
import { openedStorage } from './opened-storage.ts'

const [folder = ''] = process.argv.slice(2)
const storage = await openedStorage(folder, wallWorld())
const notes = storage.kv('notes', { quotaBytes: 1e9 })

/** Several writers at once, so that a kill finds commits of every size under way. */
async function write(writer: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const key = `${writer}-${n}`
    await notes.transaction((changes) => {
      changes.set(`${key}-left`, n)
      changes.set(`${key}-right`, n)
    })
    process.stdout.write(`${key}\n`)
  }
}

await Promise.all([write(1), write(2), write(3)])
