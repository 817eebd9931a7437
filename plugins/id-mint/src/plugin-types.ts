// <auto:begin id=types gen=types@1 sha256=b4826668e6937a89b89cd34a632b7783e3c92d899b1e0b6f56d8e61d302927be>
import type { Context as ContextOf } from '@tenon/sdk'

export type MintInput = {
  kind: 'ulid' | 'checked'
  /** Letters before the number of a checked id; each prefix counts by itself. The setting default-prefix when it is left out. */
  prefix?: string
  count?: number
}

export type MintOutput = {
  kind: 'ulid' | 'checked'
  /** In the order in which they sort. */
  ids: string[]
}

export type ValidateInput = {
  id: string
}

export type ValidateOutput = {
  kind: 'ulid' | 'checked' | 'uuid' | 'unknown'
  valid: boolean
  /** Why it is not valid. */
  reason?: string
}

export type TransformInput = {
  id: string
  /** ulid and uuid: the same 128 bits; timestamp: when a ULID was minted; upper: capital letters; compact: without hyphens; grouped: with them. */
  to: 'ulid' | 'uuid' | 'timestamp' | 'upper' | 'compact' | 'grouped'
}

export type TransformOutput = {
  from: 'ulid' | 'checked' | 'uuid'
  to: 'ulid' | 'uuid' | 'timestamp' | 'upper' | 'compact' | 'grouped'
  result: string
}

export type JudgeRequest = {
  id: string
}

export type JudgeResponse = {
  kind: 'ulid' | 'checked' | 'uuid' | 'unknown'
  valid: boolean
  /** Why it is not valid. */
  reason?: string
}

export type Settings = {
  /** Letters before the number of a checked id, where a caller names none. */
  'default-prefix': string
}

export type Types = {
  operations: {
    mint: { input: MintInput; output: MintOutput }
    validate: { input: ValidateInput; output: ValidateOutput }
    transform: { input: TransformInput; output: TransformOutput }
  }
  settings: Settings
  emits: {
    'plugin.id-mint.minted': {
      kind: 'ulid' | 'checked'
      count: number
      first: string
      last: string
    }
  }
  handles: never
  provides: {
    judge: { request: JudgeRequest; response: JudgeResponse }
  }
  consumes: never
}

/** What operations, handlers, services and hooks of this plugin get. */
export type Context = ContextOf<Types>
// <auto:end id=types>
