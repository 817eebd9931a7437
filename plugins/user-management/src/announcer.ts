import { HostFailure, type Host } from './host.ts'
import type { Profiles } from './profiles.ts'

/**
 * Tells others of every new user, in order and at least once: what cannot be told now stays in the profiles until the
 * next attempt. Attempts take turns, so that none is told twice because two ran at once.
 */
export function announcerOf(profiles: Profiles, host: Host, log: (line: string) => void): () => Promise<void> {
  let turn = Promise.resolve()
  const attempt = async (): Promise<void> => {
    try {
      for (const profile of profiles.unannounced()) {
        await host.announce(profile)
        profiles.markAnnounced(profile.id)
      }
    } catch (thrown) {
      if (!(thrown instanceof HostFailure)) throw thrown
      log(`a new user is not announced yet: ${thrown.message}`)
    }
  }
  return () => (turn = turn.then(attempt))
}
