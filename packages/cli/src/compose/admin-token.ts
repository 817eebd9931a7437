import { join, resolve } from 'node:path'
import { nodeDisk, writeAside } from '@tenon/bundle'
import type { Cli } from '../command.ts'
import { printLine } from '../printer.ts'

type Ready = {
  url: string
  /** The folder that the server owns. */
  owned: string
  /** The administrator token, if it was made just now. */
  token: string | undefined
}

/**
 * Says that a server can be reached: in one line of JSON, or for people. A token that was just made is told once: into
 * the file that was named, on a terminal, in the JSON line, or else into a file that only the owner can read.
 */
export async function tellReady(
  { io, world }: Cli,
  { adminTokenFile, json }: { adminTokenFile?: string; json: boolean },
  { url, owned, token }: Ready,
): Promise<void> {
  const kept = adminTokenFile ?? (io.isTerminal || json ? undefined : join(owned, 'admin-token'))
  if (token !== undefined) {
    // One that lies there opens nothing any more.
    await nodeDisk.remove(join(owned, 'admin-token'))
    if (kept !== undefined) await writeAside(nodeDisk, resolve(world.cwd, kept), `${token}\n`, 0o600)
  }
  if (json) return io.out(`${JSON.stringify({ url, ...(token === undefined ? {} : { adminToken: token }) })}\n`)
  if (token !== undefined)
    printLine(
      io,
      kept === undefined ? `administrator token, shown this once: ${token}` : `administrator token in ${kept}`,
    )
  printLine(io, `ready at ${url}`)
}
