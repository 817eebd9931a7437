import { wallWorld } from '@tenon/testkit'
import { openedAt } from './opened-storage.ts'

const [place = '', ...backups] = process.argv.slice(2)
const storage = await openedAt(place, wallWorld())
process.stdout.write('restoring\n')
for (;;)
  for (const backup of backups) {
    await storage.restore(backup)
    process.stdout.write(`${backup}\n`)
  }
