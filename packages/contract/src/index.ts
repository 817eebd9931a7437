export {
  asTenonError,
  assert,
  ERRORS,
  isErrorCode,
  messageOf,
  problemDocument,
  TenonError,
  type ErrorCode,
  type ErrorFacts,
  type ErrorOptions,
  type Problem,
  type ProblemDocument,
} from './errors.ts'
export { FINDINGS, isFinding, type Finding } from './findings.ts'
export type { World } from './world.ts'
export { isOwnVariable } from './own-variable.ts'
export { digestFromHex, digestHex, isDigest, parseDigest, type Digest } from './digest.ts'
export {
  FOREIGN_ID_PATTERN,
  foldedId,
  ID_PATTERN,
  isForeignId,
  isPluginId,
  isUlid,
  OPERATION_PATTERN,
  parseReference,
  SERVICE_PATTERN,
  ULID_PATTERN,
  ulidTime,
  type PluginReference,
} from './identity.ts'
export { once } from './once.ts'
export { inTurn, inTurnEach, type InTurn } from './in-turn.ts'
export { limits } from './limits.ts'
export { patternFault } from './regular-expression.ts'
export {
  decodeUtf8,
  jsonValue,
  parseJson,
  pointerTo,
  readJson,
  type Json,
  type JsonDocument,
  type JsonObject,
} from './json-text.ts'
export { ownValue } from './own-value.ts'
export { canonicalJson, prettyJson, readCanonicalJson } from './canonical-json.ts'
export {
  CAPABILITY_ACTIONS,
  capabilityFault,
  covers,
  decide,
  isEventType,
  parseCapability,
  printCapability,
  refuse,
  type Capability,
  type Decision,
} from './capability.ts'
export type { Operation, PluginSpec, ProvidedService, Runtime } from './spec-schema.ts'
export type { Card } from './card-schema.ts'
export type { IdentityLine } from './identity-line-schema.ts'
export type { PerfDocument, StartDocument } from './conformance-schema.ts'
export type { RunSnapshot } from './run-snapshot-schema.ts'
export type { Manifest } from './manifest-schema.ts'
export { CERTIFICATION_GATES, type Certification, type CertificationReport } from './certification-schema.ts'
export type { Envelope, Statement } from './statement-schema.ts'
export { settingFromText, settingVariable } from './setting-text.ts'
export { bundleRevocation, keyRevocation, type Revocation } from './revocation-schema.ts'
export type { SettingDeclaration, SettingsDeclaration } from './settings-schema.ts'
export type { KvTransaction } from './kv-transaction-schema.ts'
export type { AuditRecord, EventRecord } from './records-schema.ts'
export type { CatalogDocument, CatalogRelease, WorkspaceDocument } from './workspace-schema.ts'
export { defined, isObject } from './description.ts'
export type { Description, Dialect, DialectName, DialectReading, ForeignField } from './description.ts'
export type {
  Audit,
  AuditEntry,
  AuditQuery,
  BlobStore,
  Disk,
  EventBus,
  EventHandler,
  EventSubscription,
} from './ports.ts'
export { COMMANDS, isCommandLine } from './commands.ts'
