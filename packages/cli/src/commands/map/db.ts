import { buildRouteMap } from '@stricli/core'
import { dbBackup } from './db-backup.ts'
import { dbBrowser } from './db-browser.ts'
import { dbDump } from './db-dump.ts'
import { dbMigrate } from './db-migrate.ts'
import { dbReset } from './db-reset.ts'
import { dbRestore } from './db-restore.ts'
import { dbShell } from './db-shell.ts'

export const mapDbVerbs = buildRouteMap({
  routes: {
    backup: dbBackup,
    restore: dbRestore,
    reset: dbReset,
    dump: dbDump,
    migrate: dbMigrate,
    shell: dbShell,
    browser: dbBrowser,
  },
  docs: { brief: 'The database of a map' },
})
