import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gitBlobs, gitTree, openRepository, type Repository } from '@tenon/bundle'
import { isObject, readJson, TenonError, type World } from '@tenon/contract'
import { guardChange, type GuardReport } from './guard.ts'
import { guardedRange, type GuardedRange } from './guarded-range.ts'
import { GUARD } from './repository-files.ts'
import { shippedGuard } from './shipped-guard.ts'

export type GuardRequest = { base?: string | undefined; head?: string | undefined; merged: boolean; bootstrap: boolean }

/** A report, and whose guard made it: that of the base, or, where the base has none, this program's. */
export type GuardVerdict = GuardReport & { guardOf: 'base' | 'program' }

/**
 * Holds a change to the guard of its base, which the change cannot alter: its bytes are taken from git's objects and run apart
 * from the repository's files, without this process's environment. Throws GUARD_MISSING, GUARD_FAILED, GIT_FAILED or USAGE.
 */
export async function guardOfBase(world: Pick<World, 'cwd' | 'env'>, request: GuardRequest): Promise<GuardVerdict> {
  const env = surroundings(world.env)
  const repository = await openRepository({ cwd: world.cwd, env })
  const range = await guardedRange(repository, request)
  const guard = await guardAt(repository, range.base)
  if (guard !== undefined) return { ...(await run(guard, repository, range, env)), guardOf: 'base' }
  if (!request.bootstrap)
    throw new TenonError('GUARD_MISSING', `${range.base} has no ${GUARD}`, {
      hint: 'The change that brings it is held to the guard of this program by --bootstrap; read it with care.',
    })
  return { ...(await guardChange(repository, { ...range, own: shippedGuard() })), guardOf: 'program' }
}

/** Nothing that tells git or Node to do other than they do by themselves. */
const surroundings = ({ PATH, HOME }: World['env']): Record<string, string | undefined> => ({
  PATH,
  HOME,
  GIT_NO_REPLACE_OBJECTS: '1',
})

async function guardAt(repository: Repository, base: string): Promise<Buffer | undefined> {
  const file = (await gitTree(repository, base, GUARD)).find(
    ({ path, mode }) => path === GUARD && mode.startsWith('100'),
  )
  return file === undefined ? undefined : (await gitBlobs(repository, [file.object])).get(file.object)
}

async function run(
  guard: Buffer,
  { folder }: Repository,
  { base, head, isMerged }: GuardedRange,
  env: Record<string, string | undefined>,
): Promise<GuardReport> {
  const aside = mkdtempSync(join(tmpdir(), 'tenon-guard-'))
  try {
    const file = join(aside, 'guard.mjs')
    writeFileSync(file, guard)
    const words = [file, '--json', '--base', base, '--head', head, ...(isMerged ? ['--merged'] : [])]
    const child = spawn(process.execPath, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const exit = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
    const [status, printed, complaint] = await Promise.all([exit, text(child.stdout), text(child.stderr)])
    return reportIn(printed, status, complaint)
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

/** A guard that ends in no verdict has not let the change pass. */
function reportIn(printed: string, status: number | null, complaint: string): GuardReport {
  const { value } = readJson(printed)
  const problems = isObject(value) ? value['problems'] : undefined
  if (Array.isArray(problems) && status === (problems.length === 0 ? 0 : 1)) return value as GuardReport
  throw new TenonError('GUARD_FAILED', `the guard of the base ended with ${status}: ${complaint.trim()}`, {
    hint: 'What it says is about the base, or about git; the change was not judged.',
  })
}
