import { asTenonError, type Problem } from '@tenon/contract'
import { cardProof, requireIdentityLedger, type CardProof } from '@tenon/ledger'
import { judged, type TestOutcome } from '../conformance/gate.ts'
import { LEDGER, type LedgerFiles } from '../identity/identity-store.ts'

/** What came of asking the ledger for a plugin's card; `idle` says why there is nothing to ask for. */
export type LedgerOutcome = TestOutcome & { idle?: string; proof: CardProof | null }

/** Proves that the card of a plugin is in what is signed of the ledger. Without a repository there are no files. */
export async function checkLedger(files: LedgerFiles | undefined, card: string | undefined): Promise<LedgerOutcome> {
  if (files === undefined) return nothing('it lies in no repository')
  if (files.ledger.length === 0) return nothing('nothing is sealed in its repository yet')
  if (card === undefined) return nothing('its spec names no card')
  try {
    const proof = cardProof(await requireIdentityLedger(files.ledger, files.checkpoint), card)
    return proof === undefined ? failed(unsealed(card)) : { ...judged(proof.proofs.length, []), proof }
  } catch (thrown) {
    const { code, message } = asTenonError(thrown)
    return failed(problemOf(code, message))
  }
}

const nothing = (idle: string): LedgerOutcome => ({ ...judged(0, []), idle, proof: null })
const failed = (problem: Problem): LedgerOutcome => ({ ...judged(1, [problem]), proof: null })

const problemOf = (code: string, message: string): Problem => ({ pointer: '', file: LEDGER, code, message })

const unsealed = (card: string): Problem => ({
  ...problemOf('CARD_UNKNOWN', `no signed line is about the card ${card}`),
  hint: 'Commit card and spec, then run "tenon ids seal".',
})
