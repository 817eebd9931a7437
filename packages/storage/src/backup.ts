import { TenonError, type World } from '@tenon/contract'
import {
  copyDatabase,
  openDatabase,
  openReader,
  removeDatabase,
  type DatabaseReader,
  type GroupWriter,
} from '@tenon/database'
import { damagedRows, refuseDamaged } from './damage.ts'
import { dataKeysIn, type MasterKeys } from './data-key.ts'
import { storageMigrations } from './row-table.ts'

export type BackupPorts = { writer: GroupWriter; world: World; masterKeys: MasterKeys }

/** Writes all rows, as they are at one moment, into a file. Damaged rows are named, and then there is no backup. */
export const backUp = ({ writer }: BackupPorts, to: string): Promise<void> =>
  copyDatabase(writer.path, to, async (copy) => refuseDamaged(copy.path, await damagedRows(copy)))

/**
 * Puts a backup's rows in the place of all that are there, in one commit, after every one of them was checked. `alone`
 * sees to it that nobody else changes rows meanwhile.
 */
export async function restoreFrom(
  ports: BackupPorts,
  from: string,
  alone: (replace: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { writer } = ports
  const copy = `${writer.path}.restoring`
  try {
    await copyDatabase(from, copy, async (reader) => refuseForeign(from, reader))
    await refuseUnusable(ports, copy, from)
    const columns = 'plugin, space, key, value, bytes, checksum, expires_at'
    const fill = `INSERT INTO plugin_row (${columns}) SELECT ${columns} FROM attached.plugin_row`
    const statements = ['DELETE FROM plugin_row', fill].map((sql) => ({ sql, params: [] }))
    await alone(() => writer.write(statements, { attached: copy }))
  } finally {
    removeDatabase(copy)
  }
}

/** A backup of an older version is brought to today's shape first; one of a newer version is refused by that. */
async function refuseUnusable({ world, masterKeys }: BackupPorts, copy: string, from: string): Promise<void> {
  openDatabase(copy, { migrations: storageMigrations, world, named: from }).close()
  const reader = openReader(copy, from)
  try {
    refuseDamaged(from, await damagedRows(reader))
    dataKeysIn(reader, masterKeys, world.now())
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
