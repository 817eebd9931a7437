import { nodeDisk } from '@tenon/bundle'
import { limits, TenonError, type Revocation, type World } from '@tenon/contract'
import { hearRevocations, readHeard, readRevocations, type Heard } from '@tenon/installer'
import { registryClient } from '@tenon/registry/client'
import { machineOf, type Locations } from './locations.ts'

/** All that is known to be revoked, and what a registry was heard to say; nothing when it was never heard. */
export type Known = { revocations: Revocation[]; heard: Heard | undefined }

export type RevocationWatch = {
  /**
   * What counts for a plugin that came from this registry: what was revoked on this machine, and what the registry
   * says, which is asked when that is due. One that does not answer is taken at its last word.
   */
  known(registry: string | undefined): Promise<Known>
  /** Asks anew when a registry is needed next, however lately it was asked. */
  forget(): void
}

export function revocationWatch(world: World, locations: Locations): RevocationWatch {
  const { home } = locations
  const asked = new Map<string, { at: number; answer: Promise<Heard | undefined> }>()
  let notBefore = 0
  const isDue = (at: number, now: number): boolean => at <= notBefore || at > now || now - at >= limits.revocationPollMs
  const heardOf = async (url: string): Promise<Heard | undefined> => {
    const now = world.now()
    const last = asked.get(url)
    if (last !== undefined && !isDue(last.at, now)) return last.answer
    const before = await readHeard(nodeDisk, home, url)
    if (before !== undefined && !isDue(before.askedAt, now)) return before
    const answer = orElse(ask(world, locations, url), before)
    asked.set(url, { at: now, answer })
    return answer
  }
  return {
    known: async (registry) => {
      const heard = registry === undefined ? undefined : await heardOf(registry)
      return { heard, revocations: [...(await readRevocations(nodeDisk, home)), ...(heard?.revocations ?? [])] }
    },
    forget: () => void (notBefore = world.now()),
  }
}

/** A start must not wait long for a registry that is not there. */
async function ask(world: World, locations: Locations, url: string): Promise<Heard> {
  const [late, settled] = [new AbortController(), new AbortController()]
  const deadline = world.timer(limits.revocationAskMs, settled.signal).then(
    () => late.abort(),
    () => undefined,
  )
  const client = registryClient({ url, fetch: (input, init) => fetch(input, { ...init, signal: late.signal }) })
  try {
    return await hearRevocations(nodeDisk, machineOf({ world, locations }), client, world.now())
  } finally {
    settled.abort()
    await deadline
  }
}

async function orElse(asking: Promise<Heard>, before: Heard | undefined): Promise<Heard | undefined> {
  try {
    return await asking
  } catch (thrown) {
    // How old its last word may be is judged where that is used.
    if (thrown instanceof TenonError) return before
    throw thrown
  }
}
