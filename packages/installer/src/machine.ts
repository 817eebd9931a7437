import { dirname } from 'node:path'
import { writeAside } from '@tenon/bundle'
import { prettyJson, type Disk } from '@tenon/contract'

/** What belongs to this machine's user: a folder that hosts of several workspaces share. */
export type Machine = {
  home: string
  /** A name that no other process takes. */
  newId(): string
}

/** Replaces a file of the machine, whatever other processes write to it meanwhile. Only the machine's user reads it. */
export async function writeShared(disk: Disk, { home, newId }: Machine, path: string, value: unknown): Promise<void> {
  await disk.makeFolder(home, 0o700)
  const mine = `${path}.${newId()}`
  await writeAside(disk, mine, prettyJson(value), 0o600)
  await disk.rename(mine, path)
  await disk.flush(dirname(path))
}
