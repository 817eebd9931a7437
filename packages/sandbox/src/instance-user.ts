import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { TenonError, type World } from '@tenon/contract'
import { unlessFault } from './expected-fault.ts'

const FIRST_ID = 200_000
const ID_COUNT = 65_536
const ATTEMPTS = 64

/**
 * A user id that no other sandbox of this machine has. The claim is an abstract socket's name: the kernel gives a name
 * to one holder only and takes it back when that process dies, so nothing is left behind and nothing can go stale.
 */
export async function claimUser(world: World): Promise<{ id: number; release(): Promise<void> }> {
  const chance = world.random(4)
  const start = new DataView(chance.buffer, chance.byteOffset, 4).getUint32(0) % ID_COUNT
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const id = FIRST_ID + ((start + attempt) % ID_COUNT)
    const server = await claimed(`\0tenon-user-${id}`)
    if (server !== undefined) return { id, release: () => closed(server) }
  }
  throw new TenonError('ISOLATION_UNAVAILABLE', `${ATTEMPTS} user ids from ${FIRST_ID + start} on are all taken`, {
    hint: 'End plugins that are not needed.',
  })
}

async function claimed(name: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy())
  server.listen(name)
  const listening = once(server, 'listening').then(() => server)
  return unlessFault(listening, ['EADDRINUSE'], undefined)
}

async function closed(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}
