import { existsSync } from 'node:fs'
import { limits, TenonError, type World } from '@tenon/contract'
import { buildServer, type Server, type ServerOptions } from '@tenon/http'
import type { Cli } from '../command.ts'
import { printLog } from '../printer.ts'
import { consoleFolder } from '../surroundings.ts'
import { version } from '../version.ts'

/** A server as every process here has it. What it logs goes to standard error. */
export const newServer = ({ io, world }: Cli, name: string): Server =>
  buildServer({
    ...{ world, name, version },
    log: { level: logLevel(world), write: (line) => printLog(io, line) },
    bodyLimitBytes: limits.requestBodyBytes,
    checkResponses: world.env['TENON_CHECK_RESPONSES'] === '1',
  })

const LEVELS: readonly NonNullable<ServerOptions['log']>['level'][] = ['debug', 'info', 'warn', 'error']

function logLevel({ env }: World): NonNullable<ServerOptions['log']>['level'] {
  const wanted = env['TENON_LOG_LEVEL'] ?? 'error'
  const known = LEVELS.find((level) => level === wanted)
  if (known !== undefined) return known
  throw new TenonError('USAGE', `TENON_LOG_LEVEL is "${wanted}"`, { hint: `It is one of ${LEVELS.join(', ')}.` })
}

/** Serves the console where it is built. */
export function serveConsole(server: Server): void {
  if (existsSync(consoleFolder)) server.serveFolder('/ui/', consoleFolder)
}
