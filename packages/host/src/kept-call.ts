import type { Description, Operation } from '@tenon/contract'

/** A call that is kept as a run: under which id, and what answers it. */
export type KeptCall = {
  runId: string
  traceId: string
  description: Description
  operation: Operation
  /** That of the process that answers; `remote` where another machine does. */
  level: string
}

/** Keeps what takes part in a call, before it is made. */
export type KeepCall = (call: KeptCall) => Promise<void>
