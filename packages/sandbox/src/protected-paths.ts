import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { lstat, mkdir, readdir, readFile, realpath, rm, rmdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { assert, inTurn, messageOf, TenonError } from '@tenon/contract'
import type { Verdict } from './end-report.ts'
import { ABSENT, hasCode, unlessFault } from './expected-fault.ts'
import type { Mount } from './mount.ts'

/** Read-only to every plugin inside a workspace, whatever was granted. */
const READ_ONLY_FILES = ['tenon.json', 'tenon.lock']
const READ_ONLY_FOLDERS = ['.git', '.ledger', '.skill-map', 'ids', 'policies']
/** Not to be seen at all. */
export const INVISIBLE = '.tenon'

/** The entries of a workspace that are read-only to every plugin. */
export const READ_ONLY = [...READ_ONLY_FILES, ...READ_ONLY_FOLDERS]

/** One thing to lay over a mount; `path` is relative to the mount's source. */
export type Cover = { mount: number; path: string; how: 'pin' | 'readOnly' | 'empty' }

export type Protection = {
  mounts: readonly Mount[]
  covers: readonly Cover[]
  /** Says when a covered path was replaced on the host, because the kernel then takes the cover away. */
  look(): Promise<Verdict | undefined>
  release(): Promise<void>
}

/**
 * Plans what keeps a workspace's own files from plugins that may write in it. A covered path is a mount point inside,
 * which can be neither removed, renamed nor linked to; the folders on the way to it are pinned the same way. A name
 * that is absent could be created, so an empty placeholder stands there while the plugin runs.
 */
export async function protectWorkspace(
  given: readonly Mount[],
  workspace: string | undefined,
  stateDir: string,
): Promise<Protection> {
  if (workspace === undefined) return unprotected(given)
  const root = await realpath(workspace)
  const { mounts, covers } = plannedProtection(given, root)
  if (covers.length === 0) return unprotected(mounts)
  const writable = covers.some(({ how }) => how === 'readOnly')
  const held = await alone(async () => {
    await removeOrphans(stateDir)
    return holdNames(root, writable, stateDir)
  })
  const isHeld = (path: string) => held.some((name) => name.path === path)
  return {
    mounts,
    covers: covers.filter(
      (cover) => cover.how === 'pin' || isHeld(join(coveredMount(cover, mounts).source, cover.path)),
    ),
    look: () => replaced(held),
    release: () => alone(() => releaseNames(held, stateDir)),
  }
}

export function coveredMount({ mount: index }: Cover, mounts: readonly Mount[]): Mount {
  const mount = mounts[index]
  assert(mount !== undefined, 'a cover lies over a mount of its profile')
  return mount
}

/** What would be laid over which mount; nothing is touched. `root` is the resolved path of the workspace. */
export function plannedProtection(
  given: readonly Mount[],
  root: string,
): { mounts: readonly Mount[]; covers: readonly Cover[] } {
  const mounts = restrictedMounts(given, root)
  const covers = mounts.flatMap((mount, index) => (isInside(root, mount.source) ? coversOf(mount, index, root) : []))
  return { mounts, covers }
}

const unprotected = (mounts: readonly Mount[]): Protection => ({
  mounts,
  covers: [],
  look: async () => undefined,
  release: async () => {},
})

/** Mounts inside the workspace that are themselves protected paths become read-only, or are refused. */
export const restrictedMounts = (given: readonly Mount[], root: string): Mount[] =>
  given.map((mount) => restricted(mount, root))

function restricted(mount: Mount, root: string): Mount {
  if (!isInside(mount.source, root)) return mount
  const [first = ''] = relative(root, mount.source).split('/')
  if (first === INVISIBLE)
    throw new TenonError('PERMISSION_DENIED', `${mount.source} belongs to Tenon and is shown to no plugin`, {
      hint: `Grant a path outside ${INVISIBLE}/.`,
    })
  return READ_ONLY.includes(first) ? { ...mount, readOnly: true } : mount
}

export const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder === '/' ? '' : folder}/`)

function coversOf(mount: Mount, index: number, root: string): Cover[] {
  const way = relative(mount.source, root)
  const steps = way === '' ? [] : way.split('/')
  const empty: Cover = { mount: index, path: join(way, INVISIBLE), how: 'empty' }
  if (mount.readOnly) return [empty]
  const pins = steps.map((_, depth): Cover => ({ mount: index, path: steps.slice(0, depth + 1).join('/'), how: 'pin' }))
  const readOnly = READ_ONLY.map((name): Cover => ({ mount: index, path: join(way, name), how: 'readOnly' }))
  return [...pins, ...readOnly, empty]
}

type Held = { path: string; identity: string; isPlaceholder: boolean }

/** How many running plugins of this process rely on a placeholder. */
const placeholders = new Map<string, number>()

/** Placeholders are counted and made in several steps, so only one plugin at a time may do so. */
const alone = inTurn()

/** Even the host can make nothing there. */
const CLOSED = ['EACCES', 'EPERM', 'EROFS']

async function holdNames(root: string, writable: boolean, stateDir: string): Promise<Held[]> {
  const names = writable ? [...READ_ONLY, INVISIBLE] : [INVISIBLE]
  const held: Held[] = []
  try {
    for (const name of names) {
      const path = join(root, name)
      const isPlaceholder = await needsPlaceholder(path)
      // Where nothing can be made, nothing absent can appear that a reader would have to be kept from.
      const faults = writable ? [] : CLOSED
      const standing = isPlaceholder ? holdPlaceholder(path, READ_ONLY_FILES.includes(name), stateDir) : undefined
      if ((await unlessFault(Promise.resolve(standing), faults, 'impossible')) === 'impossible') continue
      held.push({ path, isPlaceholder, identity: identityOf(await lstat(path)) })
    }
    return held
  } catch (thrown) {
    await releaseNames(held, stateDir)
    throw hasCode(thrown, CLOSED) ? unprotectable(root, thrown) : thrown
  }
}

const unprotectable = (root: string, cause: unknown): TenonError =>
  new TenonError('PERMISSION_DENIED', `${root} cannot be protected from a plugin that may write: ${messageOf(cause)}`, {
    hint: 'Grant it to be read only, or run as a user who may write there.',
    cause,
  })

async function needsPlaceholder(path: string): Promise<boolean> {
  const facts = await factsOf(path)
  if (facts?.isSymbolicLink() === true)
    throw new TenonError('PERMISSION_DENIED', `${path} is a symbolic link, which cannot be protected from a plugin`, {
      hint: 'Put what it points to in its place.',
    })
  return facts === undefined || placeholders.has(path)
}

const factsOf = (path: string): Promise<Stats | undefined> => unlessFault(lstat(path), ABSENT, undefined)

const identityOf = (facts: Stats | undefined): string => `${facts?.dev}:${facts?.ino}`

async function holdPlaceholder(path: string, isFile: boolean, stateDir: string): Promise<void> {
  const users = placeholders.get(path) ?? 0
  if (users === 0) {
    await writeFile(journalOf(path, stateDir), path)
    await (isFile ? writeFile(path, '', { flag: 'wx' }) : mkdir(path))
  }
  placeholders.set(path, users + 1)
}

async function replaced(held: readonly Held[]): Promise<Verdict | undefined> {
  for (const { path, identity } of held)
    if (identityOf(await factsOf(path)) !== identity)
      return {
        reason: 'killed',
        message: `${path} was replaced, which ends its protection; the plugin can be started again`,
        evidence: { path },
      }
  return undefined
}

async function releaseNames(held: readonly Held[], stateDir: string): Promise<void> {
  for (const { path, isPlaceholder } of held) {
    const others = (placeholders.get(path) ?? 0) - 1
    if (isPlaceholder && others > 0) placeholders.set(path, others)
    else if (isPlaceholder) {
      placeholders.delete(path)
      await removePlaceholder(path, stateDir)
    }
  }
}

/** Placeholders of a process that was killed before it could remove them. */
async function removeOrphans(stateDir: string): Promise<void> {
  await mkdir(journalFolder(stateDir), { recursive: true, mode: 0o700 })
  for (const name of await readdir(journalFolder(stateDir))) {
    const path = await readFile(join(journalFolder(stateDir), name), 'utf8')
    if (!placeholders.has(path)) await removePlaceholder(path, stateDir)
  }
}

/** Only what is still empty is a placeholder; anything else has become somebody's. */
async function removePlaceholder(path: string, stateDir: string): Promise<void> {
  const facts = await factsOf(path)
  if (facts?.isFile() === true && facts.size === 0) await rm(path)
  if (facts?.isDirectory() === true) await unlessFault(rmdir(path), ['ENOTEMPTY'], undefined)
  await rm(journalOf(path, stateDir), { force: true })
}

const journalFolder = (stateDir: string): string => join(stateDir, 'placeholders')
const journalOf = (path: string, stateDir: string): string =>
  join(journalFolder(stateDir), createHash('sha256').update(path).digest('hex').slice(0, 32))
