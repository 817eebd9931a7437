import { cpSync, readFileSync } from 'node:fs'
import { guardChange, type GuardReport } from '@tenon/authoring'
import { openRepository } from '@tenon/bundle'
import { temporaryFolder } from '@tenon/testkit'
import { governed, type Governed } from './governed.ts'

/** A repository that `repo init` made, on a branch beside `main`, where these plugins are merged, and sealed and tagged if wanted. */
export async function guarded(
  folder: string,
  plugins: readonly string[],
  { isSealed = false } = {},
): Promise<Governed> {
  const repository = governed(folder)
  await repository.done('repo', 'init')
  await repository.done('ids', 'new', 'policies/base')
  repository.commit({}, 'Begin')
  for (const id of plugins) {
    await repository.done('plugin', 'new', id)
    await repository.done('ids', 'new', `plugins/${id}`)
    repository.commit({}, `Add ${id}`)
  }
  if (isSealed) await sealAll(repository)
  repository.git('checkout', '-q', '-b', 'change')
  return repository
}

export async function sealAll(repository: Governed): Promise<void> {
  await repository.done('ids', 'seal')
  repository.commit({}, 'Seal')
  await repository.done('ids', 'tag')
}

/** Another repository that is as this one is. */
export function copyOf(origin: Governed): Governed {
  const folder = temporaryFolder()
  cpSync(origin.folder, folder, { recursive: true })
  return governed(folder)
}

/** What the guards of these sources say of the change from `main`. */
export async function judged(
  { world }: Governed,
  order: { base?: string; head?: string; isMerged?: boolean } = {},
): Promise<GuardReport> {
  return guardChange(await openRepository(world), { base: 'main', head: 'HEAD', ...order })
}

/** Each problem as its code and place. */
export const told = ({ problems }: GuardReport): string[] => problems.map(({ code, file }) => `${code} ${file}`)

/** The whole text of a file with one text in place of another that is in it. */
export function withText(
  repository: Governed,
  path: string,
  from: string | RegExp,
  to: string,
): Record<string, string> {
  const text = readFileSync(repository.path(path), 'utf8')
  const changed = text.replace(from, to)
  if (changed === text) throw new Error(`${path} does not hold ${String(from)}`)
  return { [path]: changed }
}
