import { defined, jsonValue, once } from '@tenon/contract'
import type { DatabaseReader } from '@tenon/database'
import type { Issue, Link } from '../graph-schema.ts'
import type { Contribution } from '../kernel/contributions.ts'
import type { Trust } from '../kernel/reuse.ts'
import { linksOf, NOTHING_BEFORE, type KnownFile, type Snapshot } from '../kernel/snapshot.ts'
import { HeldRows } from './held-rows.ts'
import { FILE, readFolders, readInputs } from './knowledge.ts'
import { readContributions, readExtent, readIssues, readLinks, readLinksAt, readNode, readNodes } from './read-scan.ts'

/** Whether all that is held is read, when it is first asked for, or each part when that is. */
export type Reading = 'whole' | 'sparse'

type Files = Snapshot['knowledge']['files']

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
  const known = once(() => knowledgeIn(database, inputs, sparseFiles(database)))
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
      knowledge: knowledgeIn(database, inputs, wholeFiles(database)),
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

function graphIn(database: DatabaseReader): Pick<Snapshot, 'nodes' | 'links' | 'contributions'> {
  // As one value, since a row for each takes twice as long.
  const pathsIn = (sql: string) => (): string[] => jsonValue(database.get(PATHS, sql)?.paths ?? '[]') as string[]
  return {
    nodes: new HeldRows({
      paths: pathsIn('SELECT json_group_array(path ORDER BY rowid) AS paths FROM scan_nodes'),
      at: (path) => readNode(database, path),
      all: () => readNodes(database).map((node) => [node.path, node] as const),
    }),
    links: {
      count: database.get({ count: 'number' }, 'SELECT count(*) AS count FROM scan_links')?.count ?? 0,
      all: once(() => readLinks(database)),
      from: (path) => readLinksAt(database, 'source', path),
    },
    contributions: new HeldRows<readonly Contribution[]>({
      paths: pathsIn('SELECT json_group_array(DISTINCT node_path) AS paths FROM scan_contributions'),
      at: (path) => readContributions(database, path),
      all: () => contributionsIn(database),
    }),
  }
}

function knowledgeIn(
  database: DatabaseReader,
  { inputs, places }: ReturnType<typeof readInputs>,
  files: Files,
): Snapshot['knowledge'] {
  const issues = readIssues(database)
  const judged = new Map([...places].map(([key, { at, count }]) => [key, issues.slice(at, at + count)]))
  return { inputs, files, folders: readFolders(database), judged }
}

// The store wrote these texts itself, from values of the type that is read.
const foundIn = (text: string): KnownFile['found'] => jsonValue(text) as Record<string, Link[]>
const issuesIn = (text: string): readonly Issue[] => (text === '[]' ? NO_ISSUES : (jsonValue(text) as Issue[]))
const NO_ISSUES: readonly Issue[] = []

const wholeFiles = (database: DatabaseReader): Files =>
  new Map(
    database.all(FILE, 'SELECT * FROM scan_known_files').map(({ path, mark, provider, found_json, issues_json }) => [
      path,
      {
        ...{ provider, found: foundIn(found_json), issues: issuesIn(issues_json) },
        ...(mark === null ? {} : { mark }),
      },
    ]),
  )

const LOOKS = { looks: 'text' } as const
const COMPLAINTS = { path: 'text', issues_json: 'text' } as const
const FOUND = { path: 'text', found_json: 'text' } as const

type Look = [path: string, mark: string | null, provider: string]

function sparseFiles(database: DatabaseReader): Files {
  const looks = jsonValue(
    database.get(LOOKS, 'SELECT json_group_array(json_array(path, mark, provider)) AS looks FROM scan_known_files')
      ?.looks ?? '[]',
  ) as Look[]
  const complaints = database.all(
    COMPLAINTS,
    "SELECT path, issues_json FROM scan_known_files WHERE issues_json <> '[]'",
  )
  const issues = new Map(complaints.map(({ path, issues_json }) => [path, issuesIn(issues_json)]))
  const sql = 'SELECT path, found_json FROM scan_known_files'
  const texts = new HeldRows({
    paths: () => looks.map(([path]) => path),
    at: (path) => database.get(FOUND, `${sql} WHERE path = ?`, path)?.found_json,
    all: () => database.all(FOUND, sql).map(({ path, found_json }) => [path, found_json] as const),
  })
  return new Map(looks.map((look) => [look[0], new HeldFile(look, issues.get(look[0]) ?? NO_ISSUES, texts)]))
}

/** What is known of a file; what was found in it is read when it is asked for. */
class HeldFile implements KnownFile {
  readonly mark: string | undefined
  readonly provider: string
  readonly issues: readonly Issue[]
  readonly #path: string
  readonly #texts: ReadonlyMap<string, string>
  #found: KnownFile['found'] | undefined

  constructor([path, mark, provider]: Look, issues: readonly Issue[], texts: ReadonlyMap<string, string>) {
    this.mark = mark ?? undefined
    this.provider = provider
    this.issues = issues
    this.#path = path
    this.#texts = texts
  }

  get found(): KnownFile['found'] {
    return (this.#found ??= foundIn(this.#texts.get(this.#path) ?? '{}'))
  }
}
