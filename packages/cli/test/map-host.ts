import { onTestFinished } from 'vitest'
import { wallWorld } from '@tenon/testkit'
import type { Parsed } from './in-process.ts'
import type { Market } from './market.ts'

export type MapHost = {
  url: string
  adminToken: string
  /** What the host printed, line by line of its log. */
  printed: string[]
  admin(method: string, path: string, body?: object): Promise<Parsed>
  scan(wish?: object): Promise<Parsed>
}

/** A host over the workspace of a market, as a person at a terminal starts it. */
export async function mapHost({ tenon }: Market, env: Record<string, string> = {}): Promise<MapHost> {
  const printed: string[] = []
  const stopping = new AbortController()
  onTestFinished(() => stopping.abort())
  void tenon(['host', 'serve', '--port', '0'], {
    ...{ env: { TENON_TOKEN: 'x', ...env }, isTerminal: true, signal: stopping.signal },
    onOut: (text) => void printed.push(text),
  })
  const world = wallWorld()
  const found = (pattern: RegExp): string => pattern.exec(printed.join(''))?.[1] ?? ''
  while (found(/^ready at (\S+)$/m) === '') await world.timer(5)
  const [url, adminToken] = [found(/^ready at (\S+)$/m), found(/shown this once: (\S+)$/m)]
  const admin: MapHost['admin'] = async (method, path, body) => {
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
    const answer = await fetch(`${url}${path}`, {
      ...{ method, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return answer.json()
  }
  return { url, adminToken, printed, admin, scan: (wish = {}) => admin('POST', '/map/api/scan', wish) }
}
