import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { Killed, temporaryRepository, type TemporaryRepository } from '@tenon/testkit'
import { tenonIn, type Ended, type Parsed } from './in-process.ts'

/** A repository of plugins with identities, and the command in it. */
export type Governed = TemporaryRepository & {
  tenon(...argv: string[]): Promise<Ended>
  /** The command, which must end well; gives its JSON. */
  done(...argv: string[]): Promise<Parsed>
  path(...parts: string[]): string
  read(path: string): string
  editSpec(plugin: string, change: (spec: Parsed) => void): void
  /** The lines of the ledger. */
  ledger(): Parsed[]
  /** What a line tells, in short. */
  told(): string[]
}

export function governed(at?: string): Governed {
  const repository = temporaryRepository(at)
  const { folder, world } = repository
  const run = tenonIn(folder)
  const path = (...parts: string[]): string => join(folder, ...parts)
  const read = (file: string): string => readFileSync(path(file), 'utf8')
  const tenon = (...argv: string[]): Promise<Ended> => run(argv, { env: world.env })
  const ledger = (): Parsed[] =>
    existsSync(path('.ledger/ids.jsonl'))
      ? read('.ledger/ids.jsonl')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
      : []
  if (at === undefined) writeFileSync(path('.gitignore'), '.local/\n')
  return {
    ...repository,
    path,
    read,
    tenon,
    async done(...argv) {
      const ended = await tenon(...argv, '--json')
      expect([argv, ended.code, ended.stderr]).toEqual([argv, 0, ''])
      return ended.json()
    },
    editSpec(plugin, change) {
      const spec = JSON.parse(read(`plugins/${plugin}/plugin.spec.json`))
      change(spec)
      writeFileSync(path(`plugins/${plugin}/plugin.spec.json`), `${JSON.stringify(spec, null, 2)}\n`)
    },
    ledger,
    told: () => ledger().map(({ type, data }) => [type, data.key ?? data.version ?? ''].join(' ').trim()),
  }
}

/** A governed repository with plugins that are merged, but not sealed. */
export async function withPlugins(...ids: string[]): Promise<Governed> {
  const repository = governed()
  for (const id of ids) {
    await repository.done('plugin', 'new', id)
    await repository.done('ids', 'new', `plugins/${id}`)
    repository.commit({}, `Add ${id}`)
  }
  return repository
}

export const cardsIn = (repository: Governed): string[] =>
  existsSync(repository.path('ids/cards')) ? readdirSync(repository.path('ids/cards')).sort() : []

/** Whether a disk that kills stopped the work. */
export async function wasKilled(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return false
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Killed)
    return true
  }
}
