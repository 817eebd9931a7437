import { once } from 'node:events'
import { basename, extname, join, relative, sep } from 'node:path'
import { watch, type FSWatcher } from 'chokidar'
import { limits, type World } from '@tenon/contract'
import { IGNORE_FILE, ignoreFilter, type IgnoreFilter } from './ignore-filter.ts'
import { readText } from './read-text.ts'

export type WatchRequest = {
  /** Absolute paths of folders. */
  roots: readonly string[]
  ignore: readonly string[]
  world: World
  /** How long nothing has to change before what changed is told. */
  debounceMs: number
  /** Whether a file of this extension, with its dot, in lower case, matters. */
  matters: (extension: string) => boolean
  /** Called at first, and when something changed; what changes meanwhile is told by the next call. */
  onChange: () => Promise<void>
  signal: AbortSignal
}

/** Watches folders until the signal. Files that a scan does not look at do not count, nor does what lies behind links. */
export async function watchRoots(request: WatchRequest): Promise<void> {
  // With other rules of what is ignored, other folders are to be watched.
  while (!request.signal.aborted) await watchOnce(request)
}

/** Settles at the signal, or when a file of ignore rules has changed. */
async function watchOnce(request: WatchRequest): Promise<void> {
  const { roots, world, debounceMs, onChange, signal } = request
  const watcher = watch([...roots], {
    ...{ ignoreInitial: true, followSymlinks: false },
    ignored: await ignoredBy(request),
  })
  try {
    const seen = new Seen(watcher, request)
    await once(watcher, 'ready')
    // What changed before anybody watched is found by looking.
    await onChange()
    while (!signal.aborted && !seen.hasRules) {
      await seen.next()
      for (let count = -1; count !== seen.count && !signal.aborted; ) {
        ;({ count } = seen)
        await world.timer(debounceMs)
      }
      seen.count = 0
      if (!signal.aborted) await onChange()
    }
  } finally {
    await watcher.close()
  }
}

const SIDECAR = '.sm'

/** What a watcher has seen that matters. */
class Seen {
  count = 0
  /** Whether a file of ignore rules was among it. */
  hasRules = false
  readonly #signal: AbortSignal
  #wake: () => void = () => {}

  constructor(watcher: FSWatcher, { matters, signal }: WatchRequest) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#wake(), { once: true })
    watcher.on('all', (_event, path) => {
      const extension = extname(path).toLowerCase()
      const isRules = basename(path) === IGNORE_FILE
      if (!isRules && extension !== SIDECAR && !matters(extension)) return
      this.hasRules ||= isRules
      this.count += 1
      this.#wake()
    })
  }

  /** Settles when there is something, or at the signal. */
  async next(): Promise<void> {
    if (this.count > 0 || this.#signal.aborted) return
    await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

type Ignored = (path: string, stats?: { isDirectory(): boolean }) => boolean

async function ignoredBy({ roots, ignore }: WatchRequest): Promise<Ignored> {
  const filters = await Promise.all(roots.map((root) => filterOf(root, ignore)))
  return (path, stats) =>
    filters.some(({ root, isIgnored }) => {
      const inside = relative(root, path).replaceAll(sep, '/')
      const isBelow = inside !== '' && inside !== '..' && !inside.startsWith('../')
      return isBelow && isIgnored(stats?.isDirectory() === true ? `${inside}/` : inside)
    })
}

async function filterOf(root: string, ignore: readonly string[]): Promise<{ root: string; isIgnored: IgnoreFilter }> {
  const { text = '' } = readText(join(root, IGNORE_FILE), limits.mapFileBytes)
  return { root, isIgnored: ignoreFilter(ignore, text) }
}
