import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTunnel, systemDial, systemLookup } from '@tenon/egress'
import type { OutsideTunnel } from '@tenon/host'

/** A tunnel on a socket of its own. The path of a socket may not be long, so it is not below a data folder. */
export const outsideTunnel: OutsideTunnel = async ({ allowed, onPassage }) => {
  const folder = await mkdtemp(join(tmpdir(), 'tenon-out-'))
  const socket = join(folder, 'out.sock')
  const gate = { allowed, lookup: systemLookup, dial: systemDial }
  const tunnel = await openTunnel(socket, { gate, onPassage })
  const close = async (): Promise<void> => {
    await tunnel.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { socket, close }
}
