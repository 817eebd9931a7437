import { DatabaseSync } from 'node:sqlite'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPlatform } from '../harness/platform.ts'

test('a line of the audit ledger that was rewritten is named by its position', async () => {
  const platform = await startPlatform()
  for (let index = 0; index < 5; index += 1) await platform.admin('POST', '/gateway/nobody/act', {})
  expect((await platform.tenon(['ledger', 'verify'])).code).toBe(0)
  await platform.host.stop()
  const file = join(platform.home, 'events.db')
  copyFileSync(join(platform.workspace, '.tenon/data/events.db'), file)
  const database = new DatabaseSync(file)
  const triggers = database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all() as { name: string }[]
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`)
  const { changes } = database
    .prepare("UPDATE audit_line SET line = replace(line, 'nobody', 'somebody') WHERE seq = 2")
    .run()
  database.close()
  expect(changes).toBe(1)
  const { code, stdout } = await platform.tenon(['ledger', 'verify', file])
  expect([code, stdout]).toEqual([5, expect.stringMatching(/line [34]: /)])
})
