import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { digestBytes, treePaths } from '@tenon/bundle'
import { isObject, prettyJson, readJson, TenonError, type Disk, type Json } from '@tenon/contract'

/** What becomes of a file: its new text, or that it goes. */
export type Change = { path: string; text: string | undefined }

/** A change as it is written down: the digest of what it takes the place of, and whether bytes lie ready for it. */
type Step = { path: string; before: string | null; isWritten: boolean }

const ASIDE = '.changes.aside'
const JOURNAL = 'journal.json'

/**
 * Changes files of a plugin all together: a kill leaves the old tree or one that `finishChanges` makes the new one.
 * Nothing is a change of it before the journal has its name. Throws VALIDATION_FAILED for a path that leads elsewhere.
 */
export async function writeChanges(disk: Disk, root: string, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return
  const aside = join(root, ASIDE)
  await disk.makeFolder(aside)
  const steps: Step[] = []
  for (const [index, { path, text }] of changes.entries()) {
    if (!(await liesInside(disk, root, path)))
      throw new TenonError('VALIDATION_FAILED', `${path} is reached by a link, and is not written`)
    if (text !== undefined) await writeWhole(disk, join(aside, String(index)), text)
    steps.push({ path, before: await digestAt(disk, join(root, path)), isWritten: text !== undefined })
  }
  await writeWhole(disk, join(aside, `${JOURNAL}.aside`), prettyJson(steps))
  await disk.rename(join(aside, `${JOURNAL}.aside`), join(aside, JOURNAL))
  await disk.flush(aside)
  await finishChanges(disk, root)
}

/** Whether a killed command left something in a folder. */
export const isUnfinished = (root: string): boolean => existsSync(join(root, ASIDE))

/** Does what is left of changes that were written down when a process was killed, or takes away what was not. */
export async function finishChanges(disk: Disk, root: string): Promise<void> {
  const aside = join(root, ASIDE)
  const kind = await disk.kind(aside)
  if (kind === undefined) return
  if (kind === 'folder') {
    const steps = stepsOf(await disk.read(join(aside, JOURNAL)))
    for (const [index, step] of steps.entries()) await perform(disk, root, step, join(aside, String(index)))
    for (const folder of new Set(steps.map(({ path }) => dirname(join(root, path)))))
      if ((await disk.kind(folder)) === 'folder') await disk.flush(folder)
    await disk.remove(join(aside, JOURNAL))
    await disk.flush(aside)
  }
  await disk.remove(aside)
}

/** Whoever edited the file after the kill has the last word. */
async function perform(disk: Disk, root: string, { path, before, isWritten }: Step, ready: string): Promise<void> {
  const target = join(root, path)
  const isReady = !isWritten || (await disk.kind(ready)) === 'file'
  if (!isReady || !(await liesInside(disk, root, path)) || (await digestAt(disk, target)) !== before) return
  if (!isWritten) return disk.remove(target)
  await disk.makeFolder(dirname(target))
  await disk.rename(ready, target)
}

/** A folder may come from anybody, and with it a journal: no change leads out of the folder. */
async function liesInside(disk: Disk, root: string, path: string): Promise<boolean> {
  if (treePaths()(path) !== undefined) return false
  const folders = path.split('/').slice(0, -1)
  for (const index of folders.keys())
    if ((await disk.kind(join(root, ...folders.slice(0, index + 1)))) === 'link') return false
  return true
}

async function digestAt(disk: Disk, path: string): Promise<string | null> {
  const bytes = (await disk.kind(path)) === 'file' ? await disk.read(path) : undefined
  return bytes === undefined ? null : digestBytes(bytes)
}

async function writeWhole(disk: Disk, path: string, text: string): Promise<void> {
  await disk.remove(path)
  await disk.write(path, new TextEncoder().encode(text))
  await disk.flush(path)
}

function stepsOf(journal: Uint8Array | undefined): Step[] {
  const { value } = readJson(Buffer.from(journal ?? []).toString('utf8'))
  return Array.isArray(value) && value.every(isStep) ? value : []
}

const isStep = (value: Json): value is Step =>
  isObject(value) &&
  typeof value['path'] === 'string' &&
  (value['before'] === null || typeof value['before'] === 'string') &&
  typeof value['isWritten'] === 'boolean'
