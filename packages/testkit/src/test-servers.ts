import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startPostgres, type PostgresServer } from './postgres-server.ts'

/** What a test run has one of, whatever thread asks: started at first need, ended with the run. */
export function setup({ provide }: TestProject): () => Promise<void> {
  // What the machine says of a database of its own is not meant for tests.
  for (const name of Object.keys(process.env)) if (/^PG|DATABASE_URL$/.test(name)) delete process.env[name]
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tn-')))
  let postgres: Promise<PostgresServer> | undefined
  const tell = async (socket: Socket): Promise<void> => {
    const server = await (postgres ??= startPostgres(folder))
    socket.end(await server.newDatabase())
  }
  const databases = createServer((socket) => {
    tell(socket).catch((thrown: unknown) => socket.end(String(thrown)))
  })
  databases.listen(join(folder, 'ask'))
  provide('databases', join(folder, 'ask'))
  return async () => {
    databases.close()
    await (await postgres?.catch(() => undefined))?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
