export {
  chainLine,
  EMPTY_CHAIN,
  verifyChain,
  type Broken,
  type Chain,
  type ChainVerdict,
  type Expected,
  type SignedStream,
} from './chain.ts'
export {
  consistencyProof,
  inclusionProof,
  leafDigest,
  merkleRoot,
  verifyConsistency,
  verifyInclusion,
  type Consistency,
  type Inclusion,
} from './merkle.ts'
export {
  readCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
  type Checkpoint,
  type CheckpointKey,
} from './checkpoint.ts'
export {
  CHECKPOINT_FILE,
  IDENTITY_STREAM,
  readIdentityLedger,
  requireIdentityLedger,
  signRotation,
  type IdentityLedger,
} from './identity-ledger.ts'
export { cardProof, cardProofFaults, type CardProof } from './card-proof.ts'
export { proveCard, proveGrowth, signedOf, type LineProof } from './identity-proofs.ts'
export { ledgerMigrations } from './audit-table.ts'
export { openAuditLedger, type AuditLedger } from './audit-ledger.ts'
export { verifyFile, type BrokenStream, type Verification } from './verification.ts'
