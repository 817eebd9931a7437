import { buildRouteMap } from '@stricli/core'
import { storageBackup } from './storage-backup.ts'
import { storageCheck } from './storage-check.ts'
import { storageDropFormerKeys } from './storage-drop-former-keys.ts'
import { storageRestore } from './storage-restore.ts'
import { storageRotateKey } from './storage-rotate-key.ts'

export const adminStorage = buildRouteMap({
  routes: {
    check: storageCheck,
    backup: storageBackup,
    restore: storageRestore,
    rotateKey: storageRotateKey,
    dropFormerKeys: storageDropFormerKeys,
  },
  docs: { brief: 'What plugins keep: checks, backups and the master key' },
})
