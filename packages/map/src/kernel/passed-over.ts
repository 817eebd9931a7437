import { once } from '@tenon/contract'
import type { FoundFile } from '../files/listing.ts'
import { isSame, type Found } from '../files/walk.ts'
import { LazyMap } from '../lazy-map.ts'
import type { Finished } from './draft.ts'
import type { Gathered, GatherRun } from './gathering.ts'

type Whole = Pick<Gathered, 'drafts' | 'held' | 'isInPlace'> & Pick<Gathered['knowledge'], 'files' | 'complaints'>

/** All of a root, where files that look as they did were passed over: what is known of those is taken from before when it is asked for. */
export function withPassedOver(run: GatherRun, found: Found): Whole {
  const { knowledge } = run.options.before
  const there = once(() => new Map(found.files.flatMap((file) => (isThere(file) ? [[file.path, file]] : []))))
  const isThere = (file: FoundFile): boolean => isSame(found, file) || run.drafts.has(file.path)
  const count = (): number => run.passed + run.drafts.size
  const whole = <T>(
    read: ReadonlyMap<string, T>,
    before: (file: FoundFile) => T | undefined,
  ): ReadonlyMap<string, T> => {
    const at = (path: string): T | undefined => {
      const file = read.has(path) ? undefined : there().get(path)
      return file === undefined ? read.get(path) : before(file)
    }
    const paths = () => there().keys()
    const all = function* () {
      for (const path of paths()) {
        const thing = at(path)
        if (thing !== undefined) yield [path, thing] as const
      }
    }
    return new LazyMap({ count, paths, at, all })
  }
  const drafts = whole(run.drafts, run.reuse.unread)
  const complaints = [...knowledge.complaints].filter(([path]) => !run.drafts.has(path) && there().has(path))
  return {
    drafts,
    held: { get: (path) => run.held.get(path) ?? (run.drafts.has(path) ? undefined : drafts.get(path)) },
    isInPlace: count() === knowledge.files.size && [...run.drafts.values()].every((one) => isClaimedAsBefore(run, one)),
    files: whole(run.files, ({ path }) => knowledge.files.get(path)),
    complaints: new Map([...complaints, ...run.complaints]),
  }
}

const isClaimedAsBefore = ({ options }: GatherRun, { file, provider }: Finished): boolean =>
  options.before.knowledge.files.get(file.path)?.provider === provider.key
