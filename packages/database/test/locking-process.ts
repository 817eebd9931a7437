import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { takePassingLock, type PassingLock } from '@tenon/database'

const [path = '', work = '', counter = '', times = '0'] = process.argv.slice(2)

async function taken(): Promise<PassingLock> {
  for (;;) {
    const lock = takePassingLock(path)
    if (lock !== undefined) return lock
    await sleep(1)
  }
}

if (work === 'hold') {
  await taken()
  process.stdout.write('held\n')
  setInterval(() => {}, 60_000)
} else {
  for (let time = 0; time < Number(times); time += 1) {
    const lock = await taken()
    writeFileSync(counter, String(Number(readFileSync(counter, 'utf8')) + 1))
    lock.release()
  }
  process.stdout.write('done\n')
}
