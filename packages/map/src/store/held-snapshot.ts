import { posix } from 'node:path'
import { defined, jsonValue, once } from '@tenon/contract'
import type { DatabaseReader, RowOf } from '@tenon/database'
import type { Look } from '../files/file-stat.ts'
import { fileNames, type KnownFolder } from '../files/listing.ts'
import { looksIn } from '../files/looks.ts'
import type { Issue, Link } from '../graph-schema.ts'
import type { Contribution } from '../kernel/contributions.ts'
import type { Trust } from '../kernel/reuse.ts'
import { LazyMap } from '../lazy-map.ts'
import { linksOf, NOTHING_BEFORE, type KnownFile, type Knowledge, type Snapshot } from '../kernel/snapshot.ts'
import { FILE, readFolders, readInputs } from './knowledge.ts'
import { readContributions, readExtent, readIssues, readLinks, readLinksAt, readNode, readNodes } from './read-scan.ts'

/** Whether all that is held is read, when it is first asked for, or each part when that is. */
export type Reading = 'whole' | 'sparse'

/**
 * What the next scan needs of the one that is held. One that trusts nothing needs no knowledge; without it nothing could go
 * on from a snapshot, which has no generation then.
 */
export function heldSnapshot(database: DatabaseReader, trust: Trust, reading: Reading): Snapshot {
  if (trust === 'nothing') return { ...sparseSnapshot(database), knowledge: NOTHING_BEFORE.knowledge }
  return reading === 'whole' ? wholeSnapshot(database) : knowingSnapshot(database)
}

const sparseSnapshot = (database: DatabaseReader) => ({
  ...{ ...readExtent(database), ...graphIn(database) },
  isSparse: true,
})

/** Its name is read first, by which it is told later whether all of it belonged together. */
function knowingSnapshot(database: DatabaseReader): Snapshot {
  const inputs = readInputs(database)
  const known = once(() => knowledgeIn(database, inputs, sparseFiles))
  return {
    ...{ ...sparseSnapshot(database), ...defined({ generation: inputs.generation }) },
    get knowledge() {
      return known()
    },
  }
}

function wholeSnapshot(database: DatabaseReader): Snapshot {
  const all = once(() => {
    const inputs = readInputs(database)
    return {
      nodes: new Map(readNodes(database).map((node) => [node.path, node])),
      links: linksOf(readLinks(database)),
      contributions: contributionsIn(database),
      knowledge: knowledgeIn(database, inputs, wholeFiles),
      generation: inputs.generation,
    }
  })
  return {
    ...readExtent(database),
    get nodes() {
      return all().nodes
    },
    get links() {
      return all().links
    },
    get contributions() {
      return all().contributions
    },
    get knowledge() {
      return all().knowledge
    },
    get generation() {
      return all().generation
    },
  }
}

const contributionsIn = (database: DatabaseReader): Map<string, Contribution[]> =>
  Map.groupBy(readContributions(database, undefined), ({ nodePath }) => nodePath)

const PATHS = { paths: 'text' } as const

// As one value, since a row for each takes twice as long.
const pathsIn = (database: DatabaseReader, sql: string) => (): string[] =>
  jsonValue(database.get(PATHS, sql)?.paths ?? '[]') as string[]

const countIn = (database: DatabaseReader, sql: string) => (): number =>
  database.get({ count: 'number' }, sql)?.count ?? 0

function graphIn(database: DatabaseReader): Pick<Snapshot, 'nodes' | 'links' | 'contributions'> {
  return {
    nodes: new LazyMap({
      count: countIn(database, 'SELECT count(*) AS count FROM scan_nodes'),
      paths: pathsIn(database, 'SELECT json_group_array(path ORDER BY rowid) AS paths FROM scan_nodes'),
      at: (path) => readNode(database, path),
      all: () => readNodes(database).map((node) => [node.path, node] as const),
    }),
    links: {
      count: countIn(database, 'SELECT count(*) AS count FROM scan_links')(),
      all: once(() => readLinks(database)),
      from: (paths) => [...paths].flatMap((path) => readLinksAt(database, 'source', path)),
    },
    contributions: new LazyMap<readonly Contribution[]>({
      count: countIn(database, 'SELECT count(DISTINCT node_path) AS count FROM scan_contributions'),
      paths: pathsIn(database, 'SELECT json_group_array(DISTINCT node_path) AS paths FROM scan_contributions'),
      at: (path) => readContributions(database, path),
      all: () => contributionsIn(database),
    }),
  }
}

type Inputs = ReturnType<typeof readInputs>

function knowledgeIn(database: DatabaseReader, { inputs, places }: Inputs, filesBy: FilesBy): Knowledge {
  const issues = readIssues(database)
  const judged = new Map([...places].map(([key, { at, count }]) => [key, issues.slice(at, at + count)]))
  const folders = readFolders(database)
  const lookAt = (path: string) => looks().get(path)
  const looks = once(() => looksByPath(folders))
  return { inputs, files: filesBy(database, lookAt), complaints: complaintsIn(database), folders, judged }
}

/** The looks of files by their paths, of which those of an earlier root are known. */
const looksByPath = (folders: Knowledge['folders']): ReadonlyMap<string, Look> =>
  new Map(folders.toReversed().flatMap((known) => [...known].flatMap(([path, folder]) => looksOf(path, folder))))

function looksOf(path: string, folder: KnownFolder): [path: string, look: Look][] {
  const looks = looksIn(folder, folder)
  return fileNames(folder).flatMap((name, at) => {
    const look = looks[at] ?? null
    return look === null ? [] : [[posix.join(path, name), look]]
  })
}

const COMPLAINTS = { path: 'text', issues_json: 'text' } as const

// The store wrote these texts itself, from values of the type that is read.
const complaintsIn = (database: DatabaseReader): Knowledge['complaints'] =>
  new Map(
    database
      .all(COMPLAINTS, "SELECT path, issues_json FROM scan_known_files WHERE issues_json <> '[]'")
      .map(({ path, issues_json }) => [path, jsonValue(issues_json) as Issue[]]),
  )

const foundIn = (text: string): KnownFile['found'] => jsonValue(text) as Record<string, Link[]>

type FilesBy = (database: DatabaseReader, lookAt: LookAt) => Knowledge['files']
type LookAt = (path: string) => Look | undefined

const wholeFiles: FilesBy = (database, lookAt) =>
  new Map(
    database
      .all(FILE, 'SELECT * FROM scan_known_files')
      .map(({ path, provider, found_json }) => [
        path,
        { provider, found: foundIn(found_json), ...defined({ look: lookAt(path) }) },
      ]),
  )

const CLAIM = { path: 'text', provider: 'text' } as const
const FOUND = { path: 'text', found_json: 'text' } as const

const sparseFiles: FilesBy = (database, lookAt) => {
  const paths = pathsIn(database, 'SELECT json_group_array(path) AS paths FROM scan_known_files')
  const [claims, found] = [
    'SELECT path, provider FROM scan_known_files',
    'SELECT path, found_json FROM scan_known_files',
  ]
  const extent = { count: countIn(database, 'SELECT count(*) AS count FROM scan_known_files'), paths }
  const texts = new LazyMap({
    ...extent,
    at: (path) => database.get(FOUND, `${found} WHERE path = ?`, path)?.found_json,
    all: () => database.all(FOUND, found).map(({ path, found_json }) => [path, found_json] as const),
  })
  const heldFile = ({ path, provider }: RowOf<typeof CLAIM>) => new HeldFile(path, provider, { texts, lookAt })
  return new LazyMap<KnownFile>({
    ...extent,
    at: (path) => {
      const claim = database.get(CLAIM, `${claims} WHERE path = ?`, path)
      return claim && heldFile(claim)
    },
    all: () => database.all(CLAIM, claims).map((claim) => [claim.path, heldFile(claim)] as const),
  })
}

/** What is known of a file; how it looked, and what was found in it, is read when it is asked for. */
class HeldFile implements KnownFile {
  readonly provider: string
  readonly #path: string
  readonly #reading: FileReading
  #found: KnownFile['found'] | undefined

  constructor(path: string, provider: string, reading: FileReading) {
    this.provider = provider
    this.#path = path
    this.#reading = reading
  }

  get look(): Look | undefined {
    return this.#reading.lookAt(this.#path)
  }

  get found(): KnownFile['found'] {
    return (this.#found ??= foundIn(this.#reading.texts.get(this.#path) ?? '{}'))
  }
}

type FileReading = { texts: ReadonlyMap<string, string>; lookAt: LookAt }
