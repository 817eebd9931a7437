import { type IdentityLine } from '@tenon/contract'
import { chainLine, EMPTY_CHAIN, type Chain, type IdentityLedger } from '@tenon/ledger'
import type { Commit } from './history.ts'
import { addLine, identitiesOf, type Identities } from './identities.ts'
import type { Seen } from './identity-changes.ts'

/** A ledger that goes on from its first lines. */
export type LedgerWriter = {
  identities: Identities
  lines: IdentityLine[]
  texts: string[]
  chain(): Chain
  append(commit: Commit, seen: readonly Seen[]): void
}

/** Goes on after the first `size` lines of a ledger; what follows them is not taken over. */
export function ledgerWriter(ledger: IdentityLedger, size: number): LedgerWriter {
  const [all, texts] = [ledger.lines(), ledger.texts().slice(0, size)]
  const lines = all.slice(0, size)
  const identities = identitiesOf(lines)
  const next = all[size]
  let chain: Chain = size === 0 ? EMPTY_CHAIN : { count: size, head: next?.prev ?? ledger.chain.head }
  return {
    identities,
    lines,
    texts,
    chain: () => chain,
    append({ commit, at, actor }, seen) {
      for (const one of seen) {
        const entry = { ...one, at, actor, commit, seq: chain.count, prev: chain.head }
        const written = chainLine(chain, entry)
        lines.push(entry)
        texts.push(written.line)
        chain = written.chain
        addLine(identities, entry)
      }
    },
  }
}
