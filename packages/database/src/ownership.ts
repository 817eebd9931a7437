import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseJson, prettyJson, TenonError, type World } from '@tenon/contract'
import { writeSettled, writing } from './settled-file.ts'
import { isBusy, naming } from './sqlite-fault.ts'

export type Owner = { pid: number; startedAt: string; url?: string }

/** The right to write a data folder, held until `release` or until the process is gone, however it ends. */
export type Ownership = {
  readonly folder: string
  /** Tells other processes where the owner listens. */
  setUrl(url: string): void
  release(): void
}

const FORMAT = '1\n'
/** A process that only looks holds the lock for an instant; a taker waits that out. */
const GLANCE_MS = 200

/** A lock dies with its connection, and a connection that nothing refers to is collected. */
const held = new Set<DatabaseSync>()

/** Makes the folder if need be and takes it. Throws DATA_FOLDER_OWNED naming the owner when another process has it. */
export function takeOwnership(folder: string, { url, world }: { url?: string; world: World }): Ownership {
  makeFolder(folder)
  const paths = pathsIn(folder)
  refuseFormat(paths.format)
  const lock = lockOf(folder)
  try {
    readOwnerFile(paths.owner)
    if (!existsSync(paths.format)) writing(folder, () => writeSettled(paths.format, FORMAT, 0o644))
    const startedAt = new Date(world.now()).toISOString()
    const announce = (owner: Owner) => writing(folder, () => writeSettled(paths.owner, prettyJson(owner), 0o600))
    announce({ pid: process.pid, startedAt, ...(url === undefined ? {} : { url }) })
    return {
      folder,
      setUrl: (newUrl) => announce({ pid: process.pid, startedAt, url: newUrl }),
      release: () => release(lock, paths.owner),
    }
  } catch (thrown) {
    letGo(lock)
    throw thrown
  }
}

/** Who owns the folder now; undefined when nobody does. */
export function readOwner(folder: string): Owner | undefined {
  const paths = pathsIn(folder)
  if (!existsSync(paths.lock)) return undefined
  const probe = naming(paths.lock, () => new DatabaseSync(paths.lock, { readOnly: true }))
  try {
    probe.prepare('SELECT count(*) FROM sqlite_schema').get()
    return undefined
  } catch (thrown) {
    if (!isBusy(thrown))
      return naming(paths.lock, () => {
        throw thrown
      })
    return readOwnerFile(paths.owner)
  } finally {
    probe.close()
  }
}

const pathsIn = (folder: string) => ({
  lock: join(folder, 'owner.db'),
  owner: join(folder, 'owner.json'),
  format: join(folder, 'format'),
})

function lockOf(folder: string): DatabaseSync {
  const { lock, owner } = pathsIn(folder)
  const db = naming(lock, () => new DatabaseSync(lock, { timeout: GLANCE_MS }))
  try {
    db.exec('BEGIN EXCLUSIVE')
    held.add(db)
    return db
  } catch (thrown) {
    db.close()
    if (isBusy(thrown)) throw ownedBy(folder, readOwnerFile(owner))
    return naming(lock, () => {
      throw thrown
    })
  }
}

function release(lock: DatabaseSync, ownerFile: string): void {
  if (!held.has(lock)) return
  rmSync(ownerFile, { force: true })
  letGo(lock)
}

function letGo(lock: DatabaseSync): void {
  held.delete(lock)
  lock.close()
}

function ownedBy(folder: string, owner: Owner | undefined): TenonError {
  const who = owner === undefined ? 'a process that is starting' : `process ${owner.pid}`
  const where = owner?.url === undefined ? '' : ` at ${owner.url}`
  return new TenonError('DATA_FOLDER_OWNED', `${folder} is owned by ${who}${where}`, {
    hint: `Use ${owner?.url ?? 'the owner'}, stop that process, or choose another data folder.`,
    details: { folder, ...owner },
  })
}

function makeFolder(folder: string): void {
  writing(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }))
}

function refuseFormat(path: string): void {
  const text = textOf(path)
  if (text === undefined || text === FORMAT) return
  if (!/^[0-9]+\n?$/.test(text)) throw damaged(path, 'is no format number')
  throw new TenonError(
    'DATA_FOLDER_FORMAT',
    `${path} says ${text.trim()}; this version knows format ${FORMAT.trim()}`,
    {
      hint: 'Use the version of Tenon that made the folder, or choose another data folder.',
      details: { path },
    },
  )
}

function readOwnerFile(path: string): Owner | undefined {
  const text = textOf(path)
  if (text === undefined) return undefined
  const owner = ownerIn(text, path)
  if (owner === undefined) throw damaged(path, 'names no owner')
  return owner
}

function ownerIn(text: string, path: string): Owner | undefined {
  const value = readable(text, path)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  const { pid, startedAt, url } = value
  if (typeof pid !== 'number' || typeof startedAt !== 'string') return undefined
  if (url === undefined) return { pid, startedAt }
  return typeof url === 'string' ? { pid, startedAt, url } : undefined
}

function readable(text: string, path: string): ReturnType<typeof parseJson> {
  try {
    return parseJson(text, path)
  } catch (cause) {
    throw damaged(path, 'is no JSON', cause)
  }
}

const damaged = (path: string, what: string, cause?: unknown): TenonError =>
  new TenonError('DATA_FOLDER_CORRUPT', `${path} ${what}`, {
    hint: 'If no process of Tenon uses the folder, delete this file.',
    details: { path },
    cause,
  })

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
