import { hash } from 'node:crypto'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Repository } from '@tenon/bundle'
import { TenonError, type Disk, type Problem } from '@tenon/contract'
import { releaseMarks } from '../contract/releases.ts'
import { readPolicies } from '../policy/policies.ts'
import { acrossPlugins } from './across-plugins.ts'
import { judgeShard, type JudgedShard, type ShardOrder } from './judge-shard.ts'

/** `judged` of the plugins were looked at anew; of the others nothing had changed. Files are named from the repository's root. */
export type RepositoryValidation = {
  plugins: number
  judged: number
  checked: Record<string, number>
  problems: Problem[]
}

/** As of when waivers hold, and the clock by which files are dated: ms since the epoch; and the repository of git, if it is one. */
type Circumstances = { at: number; now: number; repository: Repository | undefined; env: NodeJS.ProcessEnv }

const SHARDS = 4
/** For fewer plugins a thread would take longer to begin than they take. */
const FEW = 16

/** Validates every plugin below `plugins/`. With `fresh`, whatever was found before. */
export async function validateRepository(
  disk: Disk,
  root: string,
  { fresh = false, ...circumstances }: Circumstances & { fresh?: boolean },
): Promise<RepositoryValidation> {
  const orders = await ordersFor(disk, root, circumstances)
  if (fresh) for (const { kept } of orders) rmSync(kept, { force: true })
  const plugins = orders.reduce((sum, { folders }) => sum + folders.length, 0)
  const found = plugins < FEW ? await inTurn(orders) : await inThreads(orders)
  const facts = new Map(found.flatMap((shard) => shard.facts))
  const placed = [...found.flatMap((shard) => shard.problems), ...acrossPlugins(facts)]
  return {
    plugins,
    judged: found.reduce((sum, { judged }) => sum + judged, 0),
    checked: found.map(({ checked }) => checked).reduce(summed, {}),
    problems: placedInRepository(placed),
  }
}

/** What is wrong with policies, which lie at the root already, is told once, and not for each plugin. */
function placedInRepository(placed: readonly { folder: string; problem: Problem }[]): Problem[] {
  const sorted = placed.toSorted((a, b) => (a.folder < b.folder ? -1 : a.folder > b.folder ? 1 : 0))
  const problems = sorted.map(({ folder, problem: { file = '.', ...problem } }) => ({
    ...problem,
    file: file.startsWith('policies/') ? file : join('plugins', folder, file),
  }))
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
}

const summed = (one: Record<string, number>, other: Record<string, number>): Record<string, number> => ({
  ...one,
  ...Object.fromEntries(Object.entries(other).map(([gate, count]) => [gate, count + (one[gate] ?? 0)])),
})

async function ordersFor(disk: Disk, root: string, { at, now, repository, env }: Circumstances): Promise<ShardOrder[]> {
  const plugins = join(root, 'plugins')
  if ((await disk.kind(plugins)) !== 'folder')
    throw new TenonError('PLUGIN_UNKNOWN', `${root} has no folder of plugins`, {
      hint: 'Give the root of a repository, which has "plugins", or the folder of a plugin.',
    })
  const read = await readPolicies(disk, join(root, 'policies'))
  // A waiver may have expired since, which is told by the day.
  const day = read.policies.waivers.length === 0 ? '' : new Date(at).toISOString().slice(0, 10)
  const rules = hash('sha256', JSON.stringify([codeMarks(), read, day]))
  const released = repository === undefined ? new Map<string, string>() : await releaseMarks(repository)
  const folders = readdirSync(plugins, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return Array.from({ length: SHARDS }, (_, shard) => ({
    root: plugins,
    folders: folders.map(({ name }) => name).filter((name) => shardOf(name) === shard),
    kept: join(root, '.tenon/validated', `${shard}.v8`),
    rules,
    read,
    at,
    now,
    released,
    env,
  }))
}

const shardOf = (name: string): number => Number.parseInt(hash('sha1', name).slice(0, 4), 16) % SHARDS

/** What was found by other code may not be found by this. */
const codeMarks = (): string[] =>
  readdirSync(join(import.meta.dirname, '..'), { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((path) => {
      const { size, mtimeMs } = statSync(join(import.meta.dirname, '..', path))
      return [path, size, mtimeMs].join(' ')
    })

async function inTurn(orders: readonly ShardOrder[]): Promise<JudgedShard[]> {
  const found: JudgedShard[] = []
  for (const order of orders) found.push(await judgeShard(order))
  return found
}

async function inThreads(orders: readonly ShardOrder[]): Promise<JudgedShard[]> {
  const threads = Math.min(availableParallelism(), orders.length)
  const parts = Array.from({ length: threads }, (_, thread) =>
    orders.filter((_order, index) => index % threads === thread),
  )
  return (await Promise.all(parts.map(inThread))).flat()
}

/** A thread that fails fails the whole. */
function inThread(orders: readonly ShardOrder[]): Promise<JudgedShard[]> {
  const worker = new Worker(new URL('./shard-worker.ts', import.meta.url), { workerData: orders })
  const found: JudgedShard[] = []
  return new Promise((resolve, reject) => {
    worker
      .on('message', (shard: JudgedShard) => found.push(shard))
      .on('error', reject)
      .on('exit', () => resolve(found))
  })
}
