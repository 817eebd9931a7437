import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { basename, dirname, extname, join, relative, sep } from 'node:path'
import { watch, type FSWatcher } from 'chokidar'
import { limits, type World } from '@tenon/contract'
import { IGNORE_FILE, ignoreFilter, type IgnoreFilter } from './ignore-filter.ts'
import { readText } from './read-text.ts'

/** What there is to watch. */
export type Watched = {
  /** Absolute paths of folders. */
  roots: readonly string[]
  ignore: readonly string[]
  /** How long nothing has to change before what changed is told, in milliseconds. */
  debounceMs: number
  /** Files and folders, whether in a root or not, by whose change all of this may become another. They need not be there. */
  settings: readonly string[]
}

export type WatchRequest = {
  /** Called at first, and again when settings or a file of ignore rules have changed. */
  look: () => Promise<Watched>
  world: World
  /** Whether a file of this extension, with its dot, in lower case, matters. */
  matters: (extension: string) => boolean
  /**
   * Called after each look, and with the absolute paths of what changed then; what changes meanwhile is told by the next call.
   * Without paths, anything may have changed.
   */
  onChange: (change: { isAfterLook: boolean; touched?: ReadonlySet<string> }) => Promise<void>
  signal: AbortSignal
}

/** Watches folders until the signal. Files that a scan does not look at do not count, nor does what lies behind links. */
export async function watchRoots(request: WatchRequest): Promise<void> {
  while (!request.signal.aborted) await watchOnce(request, await request.look())
}

/** What never ceases to change is told after so many waits. */
const WAITS_MAX = 10

/** Where as many paths change at once, the system may have lost word of others. */
const TOUCHED_MAX = 1_000

/** Settles at the signal, or when what is to be watched may be another. */
async function watchOnce(request: WatchRequest, watched: Watched): Promise<void> {
  const { world, onChange, signal } = request
  const places = settingsPlaces(watched.settings)
  const watcher = watch([...watched.roots, ...places.folders], {
    // What goes and comes back is one change after the wait for it; held back, word of what is gone would come later.
    ...{ ignoreInitial: true, followSymlinks: false, atomic: false },
    ignored: ignoredBy(watched, places),
  })
  try {
    const seen = new Seen(watcher, request, places)
    await once(watcher, 'ready')
    // What changed before anybody watched is found by looking.
    await onChange({ isAfterLook: true })
    while (!signal.aborted && !seen.hasSettings) {
      await seen.next()
      for (let [count, waits] = [-1, 0]; count !== seen.count && waits < WAITS_MAX && !signal.aborted; waits += 1) {
        ;({ count } = seen)
        await world.timer(watched.debounceMs)
      }
      const touched = seen.take()
      if (!signal.aborted && !seen.hasSettings)
        await onChange({ isAfterLook: false, ...(touched.size < TOUCHED_MAX ? { touched } : {}) })
    }
  } finally {
    await watcher.close()
  }
}

type SettingsPlaces = {
  /** The folders to watch: of those, no other file counts. */
  folders: readonly string[]
  /** Whether a path is one of the settings, or below one, or leads to one. */
  has: (path: string) => boolean
  leadsTo: (path: string) => boolean
}

/** What is not there yet comes to the folder that it would be in, if that is there. */
function settingsPlaces(settings: readonly string[]): SettingsPlaces {
  const folders = settings.flatMap((path) => [path, dirname(path)].find(existsSync) ?? [])
  const isIn = (folder: string, path: string): boolean => path === folder || path.startsWith(folder + sep)
  return {
    folders: [...new Set(folders)],
    has: (path) => settings.some((one) => isIn(one, path)),
    leadsTo: (path) => settings.some((one) => isIn(path, one)),
  }
}

const SIDECAR = '.sm'

/** What a watcher has seen that matters. */
class Seen {
  count = 0
  /** Whether settings, or a file of ignore rules, were among it. */
  hasSettings = false
  readonly #signal: AbortSignal
  #paths = new Set<string>()
  #wake: () => void = () => {}

  constructor(watcher: FSWatcher, { matters, signal }: WatchRequest, settings: SettingsPlaces) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#wake(), { once: true })
    watcher.on('all', (_event, path) => {
      const extension = extname(path).toLowerCase()
      const isSettings = basename(path) === IGNORE_FILE || settings.has(path)
      if (!isSettings && extension !== SIDECAR && !matters(extension)) return
      this.hasSettings ||= isSettings
      this.count += 1
      this.#paths.add(path)
      this.#wake()
    })
  }

  /** The paths of what was seen since the last time. */
  take(): ReadonlySet<string> {
    const paths = this.#paths
    this.#paths = new Set()
    this.count = 0
    return paths
  }

  /** Settles when there is something, or at the signal. */
  async next(): Promise<void> {
    if (this.count > 0 || this.#signal.aborted) return
    await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

type Ignored = (path: string, stats?: { isDirectory(): boolean }) => boolean

/** Outside of the roots nothing counts but settings, which count wherever they are. */
function ignoredBy({ roots, ignore }: Watched, settings: SettingsPlaces): Ignored {
  const filters = roots.map((root) => filterOf(root, ignore))
  return (path, stats) => {
    if (settings.has(path) || settings.leadsTo(path)) return false
    const around = filters.filter(({ root }) => path === root || path.startsWith(root + sep))
    return (
      around.length === 0 ||
      around.some(({ root, isIgnored }) => {
        const inside = relative(root, path).replaceAll(sep, '/')
        return inside !== '' && isIgnored(stats?.isDirectory() === true ? `${inside}/` : inside)
      })
    )
  }
}

function filterOf(root: string, ignore: readonly string[]): { root: string; isIgnored: IgnoreFilter } {
  const { text = '' } = readText(join(root, IGNORE_FILE), limits.mapFileBytes)
  return { root, isIgnored: ignoreFilter(ignore, text) }
}
