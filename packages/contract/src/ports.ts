import type { Digest } from './digest.ts'
import type { AuditRecord, EventRecord } from './records-schema.ts'

/** What a caller knows of a decision; the ledger adds stream, seq, prev and time. */
export type AuditEntry = {
  actor: string
  action: string
  target: string
  capability?: string
  decision: 'allow' | 'deny'
  reason: string
  traceId: string
  details?: Record<string, unknown>
}

export type AuditQuery = {
  actor?: string
  action?: string
  target?: string
  capability?: string
  decision?: 'allow' | 'deny'
  traceId?: string
  limit: number
  offset: number
}

/** The audit ledger, implemented by `ledger`. `record` settles once the entry is on disk. */
export type Audit = {
  record(entry: AuditEntry): Promise<void>
  search(query: AuditQuery): { items: AuditRecord[]; total: number }
  /** What was allowed to an actor, as it was named then, and how often. */
  uses(actor: string): { capability: string; times: number }[]
}

export type EventHandler = (event: EventRecord) => Promise<void>

/** The event bus, implemented by `bus`. `publish` settles once the event is on disk. */
export type EventBus = {
  publish(event: EventRecord): Promise<void>
  subscribe(subscription: { subscriber: string; pattern: string }, handler: EventHandler): Promise<EventSubscription>
}

export type EventSubscription = { close(): Promise<void> }

/** Bytes by digest. `put` refuses bytes that do not have the digest. */
export type BlobStore = {
  put(digest: Digest, bytes: AsyncIterable<Uint8Array>): Promise<{ size: number }>
  get(digest: Digest): Promise<AsyncIterable<Uint8Array> | undefined>
  has(digest: Digest): Promise<boolean>
}

/** The file system as packages that must survive a kill use it, one durable step a function. Absent paths read as undefined. */
export type Disk = {
  read(path: string): Promise<Uint8Array | undefined>
  /** A file's bytes piece by piece, for what may be large. */
  stream(path: string): Promise<AsyncIterable<Uint8Array> | undefined>
  /** Names in a folder, sorted; empty when it is absent. */
  list(folder: string): Promise<string[]>
  kind(path: string): Promise<'file' | 'folder' | 'link' | 'other' | undefined>
  readLink(path: string): Promise<string | undefined>
  /**
   * Tells a file, link or folder from any other and from what it was before, without reading it: another text once its
   * bytes were written to, even if size and time of change were put back.
   */
  identity(path: string): Promise<string | undefined>
  write(path: string, bytes: Uint8Array | AsyncIterable<Uint8Array>, mode?: number): Promise<void>
  /** Writes a file where none is, whole or not at all, and brings it to the medium; rejects with EEXIST where one is. */
  writeNew(path: string, bytes: Uint8Array, mode: number): Promise<void>
  /** Brings a file's bytes or a folder's entries to the medium. */
  flush(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  makeFolder(path: string, mode?: number): Promise<void>
  makeLink(target: string, path: string): Promise<void>
  /** Removes a file or a whole folder; absent is fine. */
  remove(path: string): Promise<void>
}
