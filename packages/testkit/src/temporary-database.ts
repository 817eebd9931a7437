import { createConnection } from 'node:net'
import { text } from 'node:stream/consumers'
import pg from 'pg'
import { inject } from 'vitest'
import { isWithout } from './without.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A socket; who connects to it is told the URL of an empty database. */
    databases: string
  }
}

/** Whether the tests are to do without PostgreSQL. */
export const withoutPostgres = isWithout('postgresql')

/** The URL of an empty database of the PostgreSQL server that this test run has. */
export async function temporaryDatabase(): Promise<string> {
  const told = await text(createConnection(inject('databases')))
  if (told.startsWith('postgres://')) return told
  throw new Error(told)
}

/** What a statement gives in the schema `tenon` of a database, past all that stands before it. */
export async function answerOf(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, options: '-c search_path=tenon' })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}
