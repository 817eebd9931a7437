import type { Audit, World } from '@tenon/contract'
import { recordingFailure, recordingRefusal, type Attempt } from './audited.ts'

/** Who asks what of whom, on which lane. The ledger's actions are the lane's `call` and `admit`. */
export type Mediated = {
  lane: 'operator' | 'service'
  actor: string
  target: string
  /** What lets it through; an administrator needs none. */
  capability?: string
  traceId: string
}

/**
 * One call that the host passes on. That it is let through is on disk before anybody hears of it, and its outcome before
 * the caller does. `admit` throws why it is not let through.
 */
export async function mediate<Admitted, Answer>(
  { audit, world }: { audit: Audit; world: World },
  { lane, capability, ...asked }: Mediated,
  admit: () => Promise<Admitted>,
  answer: (admitted: Admitted) => Promise<Answer>,
): Promise<Answer> {
  const began = world.monotonic()
  const attempt = (): Attempt => ({
    ...asked,
    action: `${lane}.call`,
    details: { durationMs: Math.round(world.monotonic() - began) },
  })
  const asking = (): Attempt => ({ ...attempt(), ...(capability === undefined ? {} : { capability }) })
  const admitted = await recordingRefusal(audit, asking, admit)
  await audit.record({ ...asking(), action: `${lane}.admit`, decision: 'allow', reason: 'allowed' })
  const answered = await recordingFailure(audit, attempt, () => answer(admitted))
  await audit.record({ ...attempt(), decision: 'allow', reason: 'answered' })
  return answered
}
