import { copyFile, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Suite } from './suite.ts'

/** Where one case is played: the folder that it scans, and beside it a home that nothing of the suite gets into. */
export type CaseFolder = AsyncDisposable & { scope: string; home: string }

export async function caseFolder(): Promise<CaseFolder> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'sm-case-')))
  const made = { scope: join(root, 'scope'), home: join(root, 'home') }
  for (const path of Object.values(made)) await mkdir(path)
  return { ...made, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 5 }) }
}

const KEPT = '.skill-map'

/** Puts a fixture in the place of everything but `.skill-map/`, in which only its own files are replaced. */
export async function layOut(scope: string, fixtures: Suite['fixtures'], name: string): Promise<void> {
  for (const entry of await readdir(scope))
    if (entry !== KEPT) await rm(join(scope, entry), { recursive: true, force: true })
  const below = (paths: readonly string[]) =>
    paths.filter((path) => path.startsWith(`${name}/`)).map((path) => path.slice(name.length + 1))
  for (const path of below(fixtures.tree.folders)) await mkdir(join(scope, path), { recursive: true })
  for (const path of below(fixtures.tree.files)) await copyFile(join(fixtures.folder, name, path), join(scope, path))
}

/** Why a fixture cannot be laid out, or undefined when it can. */
export function fixtureFault({ tree }: Suite['fixtures'], name: string): string | undefined {
  if (!tree.folders.includes(name)) return `there is no folder "${name}" among the fixtures`
  const inside = (path: string): boolean => path.startsWith(`${name}/`)
  const other = tree.others.find(inside)
  if (other !== undefined) return `"${other}" is neither file nor folder`
  const foreign = [...tree.folders, ...tree.files].find(
    (path) => inside(path) && isForeign(path.slice(name.length + 1)),
  )
  return foreign === undefined ? undefined : `"${foreign}" is none of a fixture's`
}

/**
 * What would have the program work elsewhere: git runs what a repository's settings say, and settings of one machine and
 * a database name folders anywhere.
 */
const isForeign = (path: string): boolean =>
  /(^|\/)\.git(\/|$)/i.test(path) || /^\.skill-map\/(?!(plugins|settings\.json)(\/|$))/i.test(path)
