import { TenonError, type World } from '@tenon/contract'
import {
  copyDatabase,
  openDatabase,
  openReader,
  removeDatabase,
  settleDatabase,
  type DatabaseReader,
} from '@tenon/database'
import { damagedRows, refuseDamaged } from './damage.ts'
import { dataKeysIn, type MasterKeys } from './data-key.ts'
import type { RowStore } from './row-store.ts'
import { sqliteReads, storageMigrations } from './sqlite-rows.ts'

export type BackupPorts = { store: RowStore; world: World; masterKeys: MasterKeys }

/** Writes all rows, as they are at one moment, into a file. Damaged rows are named, and then there is no backup. */
export const backUp = ({ store }: BackupPorts, to: string): Promise<void> =>
  settleDatabase({ name: store.name, fill: (aside) => store.copyTo(aside) }, to, async (copy) =>
    refuseDamaged(copy.path, await damagedRows(sqliteReads(copy))),
  )

/** Puts a backup's rows in the place of all that are there, in one commit, after every one of them was checked. */
export async function restoreFrom(ports: BackupPorts, from: string): Promise<void> {
  const copy = `${from}.restoring`
  try {
    await copyDatabase(from, copy, async (reader) => refuseForeign(from, reader))
    await refuseUnusable(ports, copy, from)
    await ports.store.replaceBy(copy)
  } finally {
    removeDatabase(copy)
  }
}

/** A backup of an older version is brought to today's shape first; one of a newer version is refused by that. */
async function refuseUnusable({ world, masterKeys }: BackupPorts, copy: string, from: string): Promise<void> {
  openDatabase(copy, { migrations: storageMigrations, world, named: from }).close()
  const reader = openReader(copy, from)
  const reads = sqliteReads(reader)
  try {
    refuseDamaged(from, await damagedRows(reads))
    await dataKeysIn(reads, masterKeys, world.now())
  } finally {
    reader.close()
  }
}

function refuseForeign(from: string, reader: DatabaseReader): void {
  const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'plugin_row'"
  if (reader.get({ name: 'text' }, sql) !== undefined) return
  throw new TenonError('DATA_FOLDER_FORMAT', `${from} is no backup of what plugins store`, {
    hint: 'Give the file that a backup wrote.',
    details: { path: from },
  })
}
