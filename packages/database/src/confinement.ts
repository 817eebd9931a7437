import { constants } from 'node:sqlite'
import { PURE_FUNCTIONS } from './pure-functions.ts'

/** What somebody's SQL may touch. All else that SQLite asks about is denied. */
export type Confinement = {
  /** Whether a table may be read and written, and, where shapes may change, made, changed and dropped. */
  table(name: string): boolean
  /** Whether an index may have this name. Absent: no shape may change. */
  index?(name: string): boolean
}

/** What SQLite asks: an action, what it is done to (two words), the database, and the trigger or view that does it. */
type Asked = [action: number, first: string | null, second: string | null, database: string | null]

export type Authorizer = {
  /** Whether it may be done. */
  allows(...asked: Asked): boolean
  /** To be called before each statement. */
  begin(): void
  /** What was denied in the statement, for people. */
  denied(): string | undefined
}

/** Decides by the actions of a statement alone, never by its text. */
export function authorizerOf(confinement: Confinement): Authorizer {
  let statement = fresh()
  return {
    begin: () => void (statement = fresh()),
    denied: () => statement.denied,
    allows: (...asked) => {
      const allowed = judge(confinement, statement, asked)
      if (!allowed) statement.denied ??= spoken(asked)
      return allowed
    },
  }
}

/** What of a statement was seen so far: that it selects, reads the catalogue, or alters or drops a table. */
type Statement = { selects: boolean; readsCatalogue: boolean; reshapes: boolean; denied: string | undefined }

const fresh = (): Statement => ({ selects: false, readsCatalogue: false, reshapes: false, denied: undefined })

const {
  SQLITE_ALTER_TABLE,
  SQLITE_CREATE_INDEX,
  SQLITE_CREATE_TABLE,
  SQLITE_DELETE,
  SQLITE_DROP_INDEX,
  SQLITE_DROP_TABLE,
  SQLITE_FUNCTION,
  SQLITE_INSERT,
  SQLITE_READ,
  SQLITE_REINDEX,
  SQLITE_SELECT,
  SQLITE_UPDATE,
} = constants

function judge(confinement: Confinement, statement: Statement, [action, first, second, database]: Asked): boolean {
  const name = first ?? ''
  if (action === SQLITE_SELECT) return mayDoBoth(Object.assign(statement, { selects: true }))
  if (action === SQLITE_FUNCTION) return isCallable(second ?? '', statement)
  if (action === SQLITE_ALTER_TABLE) return first === 'main' && judgeShape(confinement, statement, second ?? '')
  // To count rows no column is read, and then no database is named.
  if (database !== 'main' && !(action === SQLITE_READ && database === null))
    return name === 'sqlite_temp_master' && statement.reshapes
  switch (action) {
    case SQLITE_READ:
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
      return confinement.table(name) || isOfShape(confinement, statement, action, name, second)
    case SQLITE_CREATE_TABLE:
      return confinement.index !== undefined && confinement.table(name)
    case SQLITE_DROP_TABLE:
      return judgeShape(confinement, statement, name)
    case SQLITE_CREATE_INDEX:
    case SQLITE_DROP_INDEX:
      return isIndex(confinement, name) && confinement.table(second ?? '')
    case SQLITE_REINDEX:
      return isIndex(confinement, name)
    default:
      return false
  }
}

/** What alters or drops a table can do nothing else, so what SQLite does with it is no more than that. */
const judgeShape = (confinement: Confinement, statement: Statement, table: string): boolean =>
  (statement.reshapes = confinement.index !== undefined && confinement.table(table))

/** SQLite makes those of keys itself. */
const isIndex = ({ index }: Confinement, name: string): boolean =>
  index !== undefined && (index(name) || name.startsWith('sqlite_autoindex_'))

/** To change a shape, SQLite reads and writes its own catalogue, which no statement can write by itself. */
function isOfShape(
  { index }: Confinement,
  statement: Statement,
  action: number,
  table: string,
  column: string | null,
): boolean {
  if (table === 'sqlite_sequence') return statement.reshapes
  if (table !== 'sqlite_master' || index === undefined) return false
  if (action !== SQLITE_READ || column === 'ROWID') return true
  return mayDoBoth(Object.assign(statement, { readsCatalogue: true }))
}

/** What a statement selects could come from the catalogue, unless SQLite itself selects, to alter a table. */
const mayDoBoth = ({ selects, readsCatalogue, reshapes }: Statement): boolean =>
  !(selects && readsCatalogue) || reshapes

const isCallable = (name: string, { reshapes }: Statement): boolean =>
  PURE_FUNCTIONS.has(name.toLowerCase()) || (reshapes && /^(sqlite_|printf$)/.test(name))

const ACTIONS = new Map(
  Object.entries(constants).flatMap(([name, code]) =>
    typeof code === 'number' && isAction(name) ? [[code, name.slice('SQLITE_'.length).replaceAll('_', ' ')]] : [],
  ),
)

function isAction(name: string): boolean {
  return name.startsWith('SQLITE_') && !/^SQLITE_(CHANGESET_|OK$|DENY$|IGNORE$|COPY$)/.test(name)
}

const spoken = ([action, first, second]: Asked): string =>
  [ACTIONS.get(action), first, second].filter((word) => word !== null && word !== '').join(' ')
