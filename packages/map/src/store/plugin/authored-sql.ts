import type { Problem } from '@tenon/contract'
import { quotedName } from '../quoted-name.ts'
import type { PluginTables } from './plugin-tables.ts'
import { nameIn, sqlStatements, type SqlStatement, type SqlToken } from './sql-statements.ts'

/**
 * The statements of a migration with the plugin's tables and indexes under the names that they have in the database. Only
 * where SQL names a table: columns that are qualified by a table have to be so by an alias.
 */
export const withPrefix = (sql: string, tables: PluginTables): SqlStatement[] =>
  sqlStatements(sql, ({ text }, before) => {
    const name = nameIn(text)
    const inDatabase = tables.names.get(name.toLowerCase())
    if (inDatabase !== undefined && namesTable(before)) return inDatabase
    if (namesIndex(before) && !isKeyword(text) && !name.toLowerCase().startsWith(tables.prefix))
      return quotedName(`${tables.prefix}${name}`)
    return text
  })

/** What in a migration could not be done, told before anything is; what is allowed decides SQLite, not this. */
export function migrationProblems(file: string, sql: string, tables: PluginTables): Problem[] {
  return sqlStatements(sql).flatMap(({ tokens }) =>
    [
      ...verbProblems(tokens),
      ...tokens.flatMap((token, index) => nameProblems(token, tokens.slice(0, index), tables)),
    ].map((problem) => ({ ...problem, pointer: '', file })),
  )
}

const VERBS = ['CREATE', 'ALTER', 'DROP', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'WITH']
const SHAPES = ['TABLE', 'INDEX', 'UNIQUE']

type Told = Omit<Problem, 'pointer' | 'file'>

function verbProblems([first, second]: readonly SqlToken[]): Told[] {
  const [verb, object] = [wordOf(first), wordOf(second)]
  if (!VERBS.includes(verb)) return [told('statement', first, `${verb} is nothing for a migration`)]
  if (['CREATE', 'DROP', 'ALTER'].includes(verb) && !SHAPES.includes(object))
    return [told('statement', first, `${verb} ${object} is nothing for a migration`)]
  return []
}

const OF_KERNEL = /^(scan_|state_|config_|node_enrichments$|tenon_|sqlite_)/

function nameProblems(token: SqlToken, before: readonly SqlToken[], tables: PluginTables): Told[] {
  const name = nameIn(token.text).toLowerCase()
  if (!namesTable(before) || tables.names.has(name)) return []
  if (OF_KERNEL.test(name)) return [told('kernel-table', token, `${name} is a table of the map itself`)]
  if (name.startsWith('plugin_') && !name.startsWith(tables.prefix))
    return [told('foreign-table', token, `${name} is not a table of ${tables.pluginId}`)]
  return []
}

const told = (code: string, token: SqlToken | undefined, message: string): Told => ({
  code,
  message,
  ...(token === undefined ? {} : { line: token.line }),
})

const wordOf = (token: SqlToken | undefined): string => token?.text.toUpperCase() ?? ''

const isKeyword = (text: string): boolean => /^(IF|NOT|EXISTS|ON)$/i.test(text)

/** Whether what follows these tokens is the name of a table. */
function namesTable(before: readonly SqlToken[]): boolean {
  const [third, second, last] = [before.at(-3), before.at(-2), before.at(-1)].map(wordOf)
  if (['INTO', 'FROM', 'JOIN', 'UPDATE', 'TABLE', 'REFERENCES'].includes(last ?? '')) return true
  if (last === 'EXISTS') return ifExists(before, 'TABLE')
  if (last === 'TO') return second === 'RENAME'
  if (last === 'ON') return isIndexStatement(before) && !before.slice(0, -1).some((token) => wordOf(token) === 'ON')
  return second === 'OR' && third === 'UPDATE'
}

const namesIndex = (before: readonly SqlToken[]): boolean =>
  wordOf(before.at(-1)) === 'INDEX' || (wordOf(before.at(-1)) === 'EXISTS' && ifExists(before, 'INDEX'))

const isIndexStatement = ([first, second]: readonly SqlToken[]): boolean =>
  wordOf(first) === 'CREATE' && ['INDEX', 'UNIQUE'].includes(wordOf(second))

const ifExists = (before: readonly SqlToken[], object: string): boolean =>
  before.slice(-4, -1).some((token) => wordOf(token) === object)
