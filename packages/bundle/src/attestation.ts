import type { Statement } from '@tenon/contract'

/** What a signed statement says that certification checked, and how many problems each gate found. */
export type Attestation = Statement['predicate']

/** Whether certification looked at the plugin at all, and no gate found anything. */
export const isCertified = ({ gates }: Attestation): boolean =>
  gates.length > 0 && gates.every(({ problems }) => problems === 0)
