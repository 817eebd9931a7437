import { extname, join, sep } from 'node:path'
import { jsonValue } from '@tenon/contract'

/** A file that some Provider may read. `path` is relative to its root, with `/`. */
export type FoundFile = { path: string; absolute: string; sidecar?: string }

/** A sidecar beside which no file lies that some Provider reads, and the file that it would be for. Both relative to the root. */
export type OrphanSidecar = { relativePath: string; expectedMdPath: string }

/** What counts in a folder, in the order of the names, and as what it was listed. */
export type Listing = { entries: readonly Entry[]; as: ListedAs }

export type Entry = { folder: string } | { file: FoundFile } | { orphan: OrphanSidecar }

/** What a folder holds for as long as it looks like its mark to who looks for the same. */
export type ListedAs = {
  /** Empty where it may change again unseen. */
  mark: string
  /** A JSON array of the names of what counts, each behind a sign that says as what. */
  names: string
}

/** A folder, and how the files in it looked. */
export type KnownFolder = ListedAs & {
  /** A JSON array: of each file among the names how it looked, or null where it is to be read. */
  looks: string
}

/** As what a name counts: a folder, a file without or with a sidecar, a sidecar without a file. */
export type Sign = '/' | '-' | '+' | '?'

export type SignedName = `${Sign}${string}`

export const SIDECAR = '.sm'

export const stemOf = (path: string): string => path.slice(0, path.length - extname(path).length)

/** The entries of these names in a folder of a root. */
export function entriesOf(root: string, folder: string, names: readonly SignedName[]): Entry[] {
  const [below, place] = [folder === '' ? '' : `${folder}/`, join(root, folder, sep)]
  return names.map((signed): Entry => {
    const [sign, name] = [signed[0], signed.slice(1)]
    const path = below + name
    if (sign === '/') return { folder: path }
    if (sign === '?') return { orphan: { relativePath: path, expectedMdPath: `${stemOf(path)}.md` } }
    const file = { path, absolute: place + name }
    return { file: sign === '+' ? { ...file, sidecar: `${place}${stemOf(name)}${SIDECAR}` } : file }
  })
}

/** Who keeps what is known wrote the names itself. */
export const recalled = (root: string, folder: string, as: ListedAs): Listing => ({
  entries: entriesOf(root, folder, namesIn(as)),
  as,
})

const namesIn = ({ names }: ListedAs): SignedName[] => jsonValue(names) as SignedName[]

export const filesAmong = (entries: readonly Entry[]): FoundFile[] =>
  entries.flatMap((entry) => ('file' in entry ? [entry.file] : []))

/** Without their signs: a file with a sidecar looks otherwise than one without. */
export const fileNames = (listed: ListedAs): string[] =>
  namesIn(listed).flatMap((signed) => (signed[0] === '-' || signed[0] === '+' ? [signed.slice(1)] : []))
