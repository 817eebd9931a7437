/** Every code a user can meet: its exit status for `tenon`, its HTTP status, and its title. Retired codes stay reserved. */
export const ERRORS = {
  ACTION_REFUSED: { exit: 2, http: 409, title: 'The action cannot be run on this node' },
  ACTION_UNKNOWN: { exit: 5, http: 404, title: 'No such action' },
  ARCHIVE_INVALID: { exit: 2, http: 400, title: 'The archive cannot be read' },
  ARTIFACT_UNKNOWN: { exit: 5, http: 404, title: 'No published version has this artifact' },
  ATTESTATION_MISSING: { exit: 5, http: 403, title: 'Nothing attests that a bundle was certified' },
  AUDIT_UNAVAILABLE: { exit: 2, http: 503, title: 'The audit ledger cannot be written' },
  BUNDLE_CONTENT_MISMATCH: { exit: 5, http: 400, title: 'A bundle does not hold exactly what its manifest lists' },
  BUNDLE_DIGEST_MISMATCH: { exit: 5, http: 400, title: 'Content does not have the digest it is named by' },
  BUNDLE_REVOKED: { exit: 5, http: 403, title: 'The bundle was revoked' },
  BUNDLE_SIGNATURE_INVALID: { exit: 5, http: 400, title: 'A signature does not verify' },
  CALL_CANCELLED: { exit: 2, http: 499, title: 'The call was cancelled' },
  CALL_TIMEOUT: { exit: 2, http: 504, title: 'The call missed its deadline' },
  CANONICAL_JSON_INVALID: { exit: 2, http: 400, title: 'The value has no canonical JSON form' },
  CAPABILITY_INVALID: { exit: 2, http: 400, title: 'A capability is malformed' },
  CARD_CHANGED: { exit: 5, http: 409, title: 'An identity card is not what was sealed' },
  CARD_UNKNOWN: { exit: 5, http: 404, title: 'No such identity card' },
  COMMAND_UNKNOWN: { exit: 125, http: 400, title: 'There is no such program' },
  CONFIG_INVALID: { exit: 2, http: 400, title: 'A configuration is invalid' },
  CONFIG_KEY_UNKNOWN: { exit: 5, http: 404, title: 'The configuration has no such key' },
  CONFIG_UNWRITABLE: { exit: 2, http: 500, title: 'A file of the configuration cannot be written' },
  DATABASE_REFUSED: { exit: 2, http: 503, title: 'The database server does not allow what is needed' },
  DATABASE_UNREACHABLE: { exit: 2, http: 503, title: 'The database server cannot be reached' },
  DATA_FOLDER_CORRUPT: { exit: 5, http: 500, title: 'A state file in the data folder is damaged' },
  DATA_FOLDER_FORMAT: { exit: 2, http: 500, title: 'The data folder has a format this version does not know' },
  DATA_FOLDER_OWNED: { exit: 3, http: 409, title: 'Another process owns the data folder' },
  DATA_FOLDER_UNWRITABLE: { exit: 2, http: 500, title: 'The data folder cannot be written' },
  DERIVED_DRIFT: { exit: 1, http: 409, title: 'Derived files differ from what the spec implies' },
  DERIVE_CONFLICT: { exit: 3, http: 409, title: 'A template changes what the author of a file changed, too' },
  DIALECT_INVALID: { exit: 1, http: 400, title: 'A foreign manifest breaks the rules of its dialect' },
  EGRESS_DENIED: { exit: 1, http: 403, title: 'The outside address is not allowed' },
  EGRESS_FAILED: { exit: 2, http: 502, title: 'The outside request failed' },
  EGRESS_TIMEOUT: { exit: 2, http: 504, title: 'The outside address did not answer in time' },
  EGRESS_TOO_LARGE: { exit: 2, http: 413, title: 'The outside request or answer is too large' },
  EVENT_INVALID: { exit: 2, http: 400, title: 'An event is malformed' },
  FENCE_BROKEN: { exit: 1, http: 409, title: 'The fences of a generated file are damaged' },
  FILE_EXISTS: { exit: 3, http: 409, title: 'A file that would be written is there already' },
  FORMAT_AMBIGUOUS: { exit: 3, http: 409, title: 'Two formatters write the same format' },
  FORMAT_FAILED: { exit: 2, http: 502, title: 'A formatter failed' },
  FORMAT_UNFILTERED: { exit: 2, http: 400, title: 'A formatter writes whole maps only' },
  FORMAT_UNKNOWN: { exit: 2, http: 400, title: 'There is no such format of the map' },
  GIT_FAILED: { exit: 2, http: 500, title: 'git cannot be run, or does not do it' },
  GUARD_FAILED: { exit: 2, http: 500, title: 'The guard of a base reached no verdict' },
  GUARD_MISSING: { exit: 1, http: 409, title: 'The base of a change has no guard' },
  HOOK_REFUSED: { exit: 2, http: 409, title: 'A git hook is left as it is' },
  HOST_UNREACHABLE: { exit: 2, http: 502, title: 'The host cannot be reached' },
  HTTP_BODY_TOO_LARGE: { exit: 2, http: 413, title: 'The request body is too large' },
  HTTP_HOST_REFUSED: { exit: 2, http: 421, title: 'The request names a host that this server does not answer for' },
  HTTP_INVALID: { exit: 2, http: 400, title: 'The request is malformed' },
  HTTP_MEDIA_TYPE: { exit: 2, http: 415, title: 'The content type is not accepted here' },
  HTTP_ORIGIN_REFUSED: { exit: 2, http: 403, title: 'The request comes from a foreign origin' },
  HTTP_ROUTE_UNKNOWN: { exit: 5, http: 404, title: 'No such route' },
  IDENTITY_INVALID: { exit: 1, http: 400, title: 'The identities of a repository are not in order' },
  INPUT_INVALID: { exit: 2, http: 400, title: 'An operation input breaks its schema' },
  INSTALL_CONFLICT: { exit: 3, http: 409, title: 'The workspace changed during the installation' },
  INTERNAL: { exit: 2, http: 500, title: 'A fault of Tenon itself' },
  ISOLATION_UNAVAILABLE: { exit: 2, http: 503, title: 'No sandbox level that this code may run on is available' },
  JSON_INVALID: { exit: 2, http: 400, title: 'A document is not the JSON that is accepted here' },
  KEY_INVALID: { exit: 2, http: 400, title: 'A key cannot be used' },
  KEY_REVOKED: { exit: 5, http: 403, title: 'The key was revoked' },
  KEY_UNKNOWN: { exit: 5, http: 404, title: 'No such key' },
  KEY_UNTRUSTED: { exit: 5, http: 403, title: 'A key may not sign for this publisher here' },
  LEDGER_BROKEN: { exit: 5, http: 500, title: 'The ledger was changed after it was written' },
  LEDGER_INVALID: { exit: 2, http: 400, title: 'A ledger cannot be read' },
  LOCK_INVALID: { exit: 2, http: 400, title: 'The lockfile is invalid' },
  MIGRATION_FAILED: { exit: 2, http: 503, title: 'What a plugin stored could not be brought to its new version' },
  MIGRATION_NEEDED: { exit: 3, http: 409, title: 'What a plugin stored has to be brought to its new version first' },
  NODE_UNKNOWN: { exit: 5, http: 404, title: 'No such node in the map' },
  OPERATION_FAILED: { exit: 2, http: 502, title: 'The plugin reported a failure' },
  OPERATION_IN_USE: { exit: 3, http: 409, title: 'Files that people wrote use an operation that is to go' },
  OPERATION_UNKNOWN: { exit: 5, http: 404, title: 'The plugin has no such operation' },
  OUTPUT_INVALID: { exit: 2, http: 502, title: 'An operation output breaks its schema' },
  OVERRIDE_INVALID: { exit: 2, http: 400, title: 'An override cannot be had as it was asked for' },
  OVERRIDE_UNKNOWN: { exit: 5, http: 404, title: 'No such override' },
  PERMISSION_DENIED: { exit: 1, http: 403, title: 'No capability allows this' },
  PLUGIN_BUSY: { exit: 2, http: 503, title: 'The plugin has too many calls open' },
  PLUGIN_CRASHED: { exit: 2, http: 502, title: 'The plugin ended unexpectedly' },
  PLUGIN_DISABLED: { exit: 2, http: 503, title: 'The plugin is not active' },
  PLUGIN_EXISTS: { exit: 3, http: 409, title: 'A plugin with this id exists already' },
  PLUGIN_START_FAILED: { exit: 2, http: 503, title: 'The plugin did not start' },
  PLUGIN_UNHEALTHY: { exit: 2, http: 403, title: 'The plugin is unhealthy' },
  PLUGIN_UNKNOWN: { exit: 5, http: 404, title: 'No such plugin' },
  POLICY_INVALID: { exit: 2, http: 400, title: 'A policy pack is invalid' },
  POLICY_KEY_UNKNOWN: { exit: 5, http: 404, title: 'There is no such policy key' },
  PORT_TAKEN: { exit: 2, http: 500, title: 'The port is taken' },
  PROTOCOL_VIOLATION: { exit: 2, http: 502, title: 'The plugin broke the protocol of its channel' },
  PUBLISH_CONFLICT: { exit: 3, http: 409, title: 'This version is published already' },
  QUERY_INVALID: { exit: 2, http: 400, title: 'A query over the map is malformed' },
  QUOTA_EXCEEDED: { exit: 2, http: 413, title: 'A quota is used up' },
  REFERENCE_INVALID: { exit: 2, http: 400, title: 'A plugin reference is malformed' },
  REGISTRY_UNREACHABLE: { exit: 2, http: 502, title: 'The registry cannot be reached' },
  REPOSITORY_UNKNOWN: { exit: 5, http: 404, title: 'There is no git repository' },
  RESOLVE_TOO_HARD: { exit: 4, http: 422, title: 'The search for a set of versions was given up' },
  RESOLVE_UNSATISFIABLE: { exit: 3, http: 409, title: 'No set of versions satisfies every requirement' },
  REVOCATIONS_STALE: { exit: 2, http: 503, title: 'What a registry has revoked was not heard for too long' },
  ROLE_TAKEN: { exit: 3, http: 409, title: 'Another active plugin holds this role' },
  ROLLBACK_IMPOSSIBLE: { exit: 3, http: 409, title: 'There is no earlier generation' },
  RULE_UNKNOWN: { exit: 5, http: 404, title: 'The map has no such rule' },
  RUN_CONFIG_INVALID: { exit: 65, http: 400, title: 'The run configuration is invalid' },
  RUN_INPUT_INVALID: { exit: 66, http: 400, title: 'The dataset cannot be used' },
  RUN_OUTPUT_INVALID: { exit: 78, http: 502, title: 'The outputs of a run are invalid' },
  RUN_OUT_REFUSED: { exit: 73, http: 409, title: 'The output folder is refused' },
  RUN_PLUGIN_FAILED: { exit: 1, http: 502, title: 'The run failed in the plugin' },
  RUN_RECORD_UNWRITABLE: { exit: 74, http: 500, title: 'The record of a run cannot be written' },
  RUN_UNKNOWN: { exit: 67, http: 404, title: 'No such run' },
  SCAN_DUMP_INVALID: { exit: 2, http: 400, title: 'The dump of a scan cannot be used' },
  SCAN_EMPTY: { exit: 2, http: 409, title: 'Nothing was found where a map was' },
  SCAN_FAILED: { exit: 2, http: 400, title: 'The scan cannot be done' },
  SCAN_UNKNOWN: { exit: 5, http: 404, title: 'Nothing was scanned yet' },
  SCHEMA_INVALID: { exit: 1, http: 400, title: 'A JSON Schema cannot be used' },
  SEAL_REFUSED: { exit: 5, http: 409, title: 'The history does not go on from what was sealed' },
  SERVICE_THROTTLED: { exit: 2, http: 429, title: 'A service is asked too often' },
  SERVICE_UNKNOWN: { exit: 5, http: 404, title: 'The plugin has no such service' },
  SIDECAR_BUSY: { exit: 2, http: 503, title: 'Another process writes the sidecar' },
  SIDECAR_CHANGED: { exit: 3, http: 409, title: 'The sidecar was changed while it was being written' },
  SIDECAR_EXISTS: { exit: 3, http: 409, title: 'There is a sidecar already' },
  SIDECAR_INVALID: { exit: 2, http: 400, title: 'A sidecar is invalid, or would be' },
  SIDECAR_UNKNOWN: { exit: 5, http: 404, title: 'The node has no sidecar' },
  SIDECAR_UNWRITABLE: { exit: 2, http: 500, title: 'The sidecar cannot be written' },
  SPEC_INVALID: { exit: 1, http: 400, title: 'The plugin spec is invalid' },
  STORAGE_NEWER: { exit: 3, http: 409, title: 'What a plugin stored is of a newer version than the plugin' },
  STORAGE_VALUE_INVALID: { exit: 2, http: 400, title: 'A stored value is invalid' },
  SUITE_INVALID: { exit: 2, http: 400, title: 'A conformance suite cannot be run' },
  TAG_CONFLICT: { exit: 5, http: 409, title: 'A tag is not at what was sealed' },
  TEMPLATE_UNKNOWN: { exit: 2, http: 409, title: 'A plugin was made by a template that this version does not know' },
  TOKEN_INVALID: { exit: 2, http: 401, title: 'The token is missing, wrong or of another kind' },
  TRUST_REQUIRED: { exit: 1, http: 403, title: 'This has to be accepted on this machine first' },
  UPGRADE_IMPOSSIBLE: { exit: 2, http: 409, title: 'No migration leads to the present catalogue of the map' },
  UPSTREAM_UNREACHABLE: { exit: 2, http: 502, title: 'The remote plugin cannot be reached' },
  USAGE: { exit: 2, http: 400, title: 'The command line is wrong' },
  USER_EXISTS: { exit: 3, http: 409, title: 'An administrator of this name exists already' },
  USER_UNKNOWN: { exit: 5, http: 404, title: 'No such administrator' },
  VALIDATION_FAILED: { exit: 1, http: 400, title: 'A check found problems' },
  VERB_NOT_BUILT: { exit: 2, http: 501, title: 'This verb of skill-map is not built yet' },
  VERB_UNKNOWN: { exit: 5, http: 404, title: 'There is no such verb' },
  VERSION_CHANGED: { exit: 5, http: 409, title: 'A published version is not what was sealed' },
  VERSION_TOO_SMALL: { exit: 1, http: 409, title: 'A version promises more than it keeps' },
  VERSION_UNKNOWN: { exit: 5, http: 404, title: 'The plugin has no such version' },
} as const satisfies Record<string, ErrorFacts>

export type ErrorFacts = { exit: number; http: number; title: string }
export type ErrorCode = keyof typeof ERRORS

/** One thing wrong with an input. `pointer` is an RFC 6901 JSON pointer, or empty for the whole document. */
export type Problem = {
  pointer: string
  code: string
  message: string
  hint?: string
  file?: string
  line?: number
}

export type ErrorOptions = { hint?: string; details?: Record<string, unknown>; problems?: Problem[]; cause?: unknown }

/** The one error for the world's faults. `code` is stable, the message names the offending thing, the hint says what to do. */
export class TenonError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly details: Record<string, unknown>
  readonly problems: Problem[]

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TenonError'
    this.code = code
    this.hint = options.hint
    this.details = options.details ?? {}
    this.problems = options.problems ?? []
  }
}

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code)

/** What whatever was thrown has to say. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

/** Turns whatever was thrown into a TenonError; anything that is none is a fault of ours. */
export const asTenonError = (thrown: unknown): TenonError =>
  thrown instanceof TenonError ? thrown : new TenonError('INTERNAL', messageOf(thrown), { cause: thrown })

/** RFC 9457 body of an HTTP error. */
export type ProblemDocument = {
  type: string
  title: string
  status: number
  detail: string
  code: ErrorCode
  hint?: string
  errors?: Problem[]
}

export function problemDocument(error: TenonError): ProblemDocument {
  const { http, title } = ERRORS[error.code]
  return {
    type: `urn:tenon:error:${error.code}`,
    title,
    status: http,
    detail: error.message,
    code: error.code,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.problems.length === 0 ? {} : { errors: error.problems }),
  }
}

/** For our own bugs; the world's faults are TenonErrors. */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${why}`)
}
