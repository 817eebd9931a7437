import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

export type PostgresServer = {
  /** The URL of a database of its own, in which there is nothing. */
  newDatabase(): Promise<string>
  stop(): Promise<void>
}

const DEBIAN = '/usr/lib/postgresql'
const START_MS = 30_000

/** A PostgreSQL server whose files and socket lie in a folder; it listens on no port, and dies with this process. */
export async function startPostgres(folder: string): Promise<PostgresServer> {
  const [data, user] = [join(folder, 'data'), postgresUser()]
  mkdirSync(data)
  if (user !== undefined) for (const path of [folder, data]) chownSync(path, user.uid, user.gid)
  const [initdb, ...init] = asUser('initdb', '-D', data, '-U', 'tenon', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N')
  execFileSync(initdb ?? '', init, { stdio: ['ignore', 'ignore', 'pipe'] })
  const settings = ['listen_addresses=', 'fsync=off', 'max_connections=300', `unix_socket_directories=${folder}`]
  const [command, ...argv] = asUser('postgres', '-D', data, ...settings.flatMap((setting) => ['-c', setting]))
  const server = spawn(command ?? '', argv, { stdio: ['ignore', 'ignore', 'ignore'] })
  const ended = once(server, 'exit')
  const url = (database: string): string => `postgres://tenon@localhost:5432/${database}?host=${folder}`
  await until(() => answers(url('postgres'), 'SELECT 1'))
  let count = 0
  return {
    async newDatabase() {
      const name = `test_${(count += 1)}`
      await answers(url('postgres'), `CREATE DATABASE ${name}`)
      return url(name)
    },
    async stop() {
      server.kill('SIGQUIT')
      await ended
    },
  }
}

/** A server refuses to run as root, so it runs as the user that Debian's package made. */
function postgresUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const [uid = 0, gid = 0] = ['-u', '-g'].map((flag) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' })),
  )
  return { uid, gid }
}

function asUser(program: string, ...argv: string[]): string[] {
  const words = [programPath(program), ...argv]
  if (process.platform !== 'linux') return words
  const user = process.getuid?.() === 0 ? ['--reuid=postgres', '--regid=postgres', '--clear-groups'] : []
  return ['setpriv', ...user, '--pdeathsig=INT', '--', ...words]
}

function programPath(name: string): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...versions.map((one) => join(DEBIAN, one, 'bin'))]
  const path = folders.map((folder) => join(folder, name)).find((one) => existsSync(one))
  if (path !== undefined) return path
  throw new Error(`there is no ${name}: install postgresql, or name it in TENON_TEST_WITHOUT to do without`)
}

async function answers(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    await client.query(statement)
  } finally {
    await client.end()
  }
}

async function until(work: () => Promise<void>): Promise<void> {
  const end = Date.now() + START_MS
  for (;;)
    try {
      return await work()
    } catch (thrown) {
      if (Date.now() > end) throw thrown
      await sleep(20)
    }
}
