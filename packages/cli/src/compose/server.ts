import { existsSync } from 'node:fs'
import { limits, type World } from '@tenon/contract'
import { buildServer, type Server } from '@tenon/http'
import { consoleFolder } from '../surroundings.ts'
import { version } from '../version.ts'

/** A server as every process here has it. */
export const newServer = (world: World, name: string): Server =>
  buildServer({
    world,
    name,
    version,
    bodyLimitBytes: limits.requestBodyBytes,
    checkResponses: world.env['TENON_CHECK_RESPONSES'] === '1',
  })

/** Serves the console where it is built. */
export function serveConsole(server: Server): void {
  if (existsSync(consoleFolder)) server.serveFolder('/ui/', consoleFolder)
}
