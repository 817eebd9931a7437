import { join } from 'node:path'
import { nodeDisk, writeAside } from '@tenon/bundle'
import type { Io } from '../io.ts'
import { printLine } from '../printer.ts'

/** A server that can be reached, and the administrator token if it was made just now. */
export type Ready = { url: string; adminToken?: string }

export type TokenPlace = { file: string | undefined; owned: string; json: boolean }

/**
 * Tells a token that was just made, once: into the file that was named, on a terminal, in the JSON line, or else into a
 * file that only the owner can read.
 */
export async function tellToken(
  io: Io,
  token: string | undefined,
  { file, owned, json }: TokenPlace,
): Promise<string | undefined> {
  if (token === undefined) return undefined
  const kept = file ?? (io.isTerminal || json ? undefined : join(owned, 'admin-token'))
  if (kept !== undefined) await writeAside(nodeDisk, kept, `${token}\n`, 0o600)
  if (!json)
    printLine(
      io,
      kept === undefined ? `administrator token, shown this once: ${token}` : `administrator token in ${kept}`,
    )
  return token
}

/** Says that a server is ready: one line of JSON, or for people. */
export function tellReady(io: Io, { url, adminToken }: Ready, json: boolean): void {
  if (json) io.out(`${JSON.stringify({ url, ...(adminToken === undefined ? {} : { adminToken }) })}\n`)
  else printLine(io, `ready at ${url}`)
}
