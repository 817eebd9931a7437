import { wallWorld } from '@tenon/testkit'
import { openedStorage } from './opened-storage.ts'

const [folder = '', ...backups] = process.argv.slice(2)
const storage = await openedStorage(folder, wallWorld())
process.stdout.write('restoring\n')
for (;;)
  for (const backup of backups) {
    await storage.restore(backup)
    process.stdout.write(`${backup}\n`)
  }
