import { TenonError, type ErrorCode, type ErrorOptions } from '@tenon/contract'

/** What a plugin can tell apart when its store refuses something, by the `name` that skill-map gives it. */
const CODES = {
  KvKeyInvalidError: 'STORAGE_VALUE_INVALID',
  KvValueNotSerializableError: 'STORAGE_VALUE_INVALID',
  KvValueTooLargeError: 'QUOTA_EXCEEDED',
  KvOperationFailedError: 'OPERATION_FAILED',
  ScopedDbViolationError: 'PERMISSION_DENIED',
} as const satisfies Record<string, ErrorCode>

export function storageError(name: keyof typeof CODES, message: string, options: ErrorOptions = {}): TenonError {
  return Object.assign(new TenonError(CODES[name], message, options), { name })
}
