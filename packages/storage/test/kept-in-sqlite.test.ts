import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { storageSuite, temporaryFolder } from '@tenon/testkit'
import { openedInSqlite } from './opened-storage.ts'

const at = (folder: string): string => join(folder, 'storage.db')

storageSuite({
  isShared: false,
  place: async () => temporaryFolder(),
  open: openedInSqlite,
  async tamper(folder, sql) {
    using db = new DatabaseSync(at(folder))
    db.exec(sql)
  },
  async dump(folder) {
    using db = new DatabaseSync(at(folder), { readOnly: true })
    return JSON.stringify(db.prepare('SELECT * FROM plugin_row').all())
  },
})
