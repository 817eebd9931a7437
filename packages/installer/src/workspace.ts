import { join } from 'node:path'
import { currentGeneration, type Generation } from '@tenon/bundle'
import { decodeUtf8, TenonError, type Disk, type WorkspaceDocument } from '@tenon/contract'
import { readAs, validatorOf, workspaceSchema } from '@tenon/contract/schema'
import { readLockfile, type Lockfile } from '@tenon/resolver'

export type Workspace = {
  folder: string
  tenonFolder: string
  document: WorkspaceDocument
  lock: Lockfile
  generation: Generation
}

const EMPTY_LOCK: Lockfile = { version: 1, plugins: {} }

const documents = validatorOf(workspaceSchema)

/** What a workspace wants, has locked and has installed. A folder without `tenon.json` is an empty workspace. */
export async function readWorkspace(disk: Disk, folder: string): Promise<Workspace> {
  const tenonFolder = join(folder, '.tenon')
  return {
    folder,
    tenonFolder,
    document: await readDocument(disk, join(folder, 'tenon.json')),
    lock: await readLock(disk, join(folder, 'tenon.lock')),
    generation: await currentGeneration(disk, tenonFolder),
  }
}

async function readDocument(disk: Disk, path: string): Promise<WorkspaceDocument> {
  const bytes = await disk.read(path)
  if (bytes === undefined) return { version: 1 }
  const { value, problems } = readAs(decodeUtf8(bytes, path), documents)
  if (value === undefined)
    throw new TenonError('CONFIG_INVALID', `${path} has ${problems.length} problem(s)`, { problems })
  return value
}

async function readLock(disk: Disk, path: string): Promise<Lockfile> {
  const bytes = await disk.read(path)
  if (bytes === undefined) return EMPTY_LOCK
  const { value, problems } = readLockfile(decodeUtf8(bytes, path))
  if (value === undefined)
    throw new TenonError('LOCK_INVALID', `${path} has ${problems.length} problem(s)`, {
      problems,
      hint: 'Restore it from version control, or delete it and run "tenon plugin install".',
    })
  return value
}
