import { describe } from 'vitest'
import { answerOf, storageSuite, temporaryDatabase, withoutPostgres } from '@tenon/testkit'
import { openedInPostgres } from './opened-storage.ts'

describe.skipIf(withoutPostgres)('in PostgreSQL', () => {
  storageSuite({
    isShared: true,
    place: temporaryDatabase,
    open: openedInPostgres,
    tamper: async (url, sql) => void (await answerOf(url, sql)),
    dump: async (url) => JSON.stringify(await answerOf(url, 'SELECT * FROM plugin_row')),
  })
})
