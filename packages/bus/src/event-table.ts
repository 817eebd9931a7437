import { jsonValue, TenonError, type EventRecord, type Problem } from '@tenon/contract'
import { eventSchema, validatorOf } from '@tenon/contract/schema'
import type { DatabaseReader, Migration, Statement } from '@tenon/database'

export const busMigrations: readonly Migration[] = [
  {
    id: 'bus/1',
    sql: `
      CREATE TABLE event (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        type TEXT NOT NULL,
        expires_at INTEGER,
        body TEXT NOT NULL
      ) STRICT;
      CREATE TABLE event_subscription (
        subscriber TEXT NOT NULL,
        pattern TEXT NOT NULL,
        cursor INTEGER NOT NULL,
        PRIMARY KEY (subscriber, pattern)
      ) STRICT;
      CREATE TABLE dead_letter (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        subscriber TEXT NOT NULL,
        pattern TEXT NOT NULL,
        event INTEGER NOT NULL REFERENCES event (position),
        reason TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        at TEXT NOT NULL
      ) STRICT;
      CREATE TABLE event_type (
        type TEXT NOT NULL,
        version INTEGER NOT NULL,
        schema TEXT NOT NULL,
        PRIMARY KEY (type, version)
      ) STRICT;`,
  },
]

/** Who listens to what. The place it has reached in the log is kept under both names. */
export type SubscriptionName = { subscriber: string; pattern: string }
/** `expires_at` is in milliseconds since the epoch. */
export type EventHead = { position: number; type: string; expires_at: number | null }
export type LoggedEvent = { position: number; event: EventRecord }
export type DeadLetter = SubscriptionName & {
  position: number
  event: EventRecord
  reason: string
  attempts: number
  at: string
}

const validator = validatorOf(eventSchema)
const NAMED = 'WHERE subscriber = ? AND pattern = ?'

/** An event of an id that is in the log already is the same event. */
export const appendEvent = (event: EventRecord, body: string): Statement => ({
  sql: 'INSERT INTO event (id, type, expires_at, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  params: [event.id, event.type, expiryOf(event), body],
})

const expiryOf = ({ at, ttlMs }: EventRecord): number | null =>
  ttlMs === undefined ? null : Math.min(Date.parse(at) + ttlMs, Number.MAX_SAFE_INTEGER)

/** A new subscription begins behind the last event; a known one stays where it was. */
export const beginSubscription = ({ subscriber, pattern }: SubscriptionName): Statement => ({
  sql: `INSERT INTO event_subscription (subscriber, pattern, cursor)
    SELECT ?, ?, coalesce(max(position), 0) FROM event WHERE true ON CONFLICT DO NOTHING`,
  params: [subscriber, pattern],
})

export const moveCursor = ({ subscriber, pattern }: SubscriptionName, cursor: number): Statement => ({
  sql: `UPDATE event_subscription SET cursor = max(cursor, ?) ${NAMED}`,
  params: [cursor, subscriber, pattern],
})

export const forgetSubscription = ({ subscriber, pattern }: SubscriptionName): Statement => ({
  sql: `DELETE FROM event_subscription ${NAMED}`,
  params: [subscriber, pattern],
})

export const buryEvent = (
  { subscriber, pattern }: SubscriptionName,
  { event, reason, attempts, at }: { event: number; reason: string; attempts: number; at: string },
): Statement => ({
  sql: 'INSERT INTO dead_letter (subscriber, pattern, event, reason, attempts, at) VALUES (?, ?, ?, ?, ?, ?)',
  params: [subscriber, pattern, event, reason, attempts, at],
})

export function cursorOf(reader: DatabaseReader, { subscriber, pattern }: SubscriptionName): number | undefined {
  return reader.get({ cursor: 'number' }, `SELECT cursor FROM event_subscription ${NAMED}`, subscriber, pattern)?.cursor
}

export const headsAfter = (reader: DatabaseReader, position: number, limit: number): EventHead[] =>
  reader.all(
    { position: 'number', type: 'text', expires_at: 'number?' },
    'SELECT position, type, expires_at FROM event WHERE position > ? ORDER BY position LIMIT ?',
    position,
    limit,
  )

export function eventAt(reader: DatabaseReader, position: number): EventRecord {
  const row = reader.get({ body: 'text' }, 'SELECT body FROM event WHERE position = ?', position)
  return eventIn(reader, row?.body ?? 'null', position)
}

/** Events after a position; without one, the newest. Both in the order of the log. */
export function readLog(reader: DatabaseReader, after: number | undefined, limit: number): LoggedEvent[] {
  const order = after === undefined ? 'DESC' : 'ASC'
  const rows = reader.all(
    { position: 'number', body: 'text' },
    `SELECT position, body FROM event WHERE position > ? ORDER BY position ${order} LIMIT ?`,
    after ?? 0,
    limit,
  )
  const inOrder = after === undefined ? rows.toReversed() : rows
  return inOrder.map(({ position, body }) => ({ position, event: eventIn(reader, body, position) }))
}

/** Dead letters after a position, oldest first. */
export function readDeadLetters(reader: DatabaseReader, after: number, limit: number): DeadLetter[] {
  const rows = reader.all(
    {
      position: 'number',
      subscriber: 'text',
      pattern: 'text',
      event: 'number',
      reason: 'text',
      attempts: 'number',
      at: 'text',
    },
    `SELECT position, subscriber, pattern, event, reason, attempts, at FROM dead_letter
      WHERE position > ? ORDER BY position LIMIT ?`,
    after,
    limit,
  )
  return rows.map((row) => ({ ...row, event: eventAt(reader, row.event) }))
}

function eventIn(reader: DatabaseReader, body: string, position: number): EventRecord {
  const value: unknown = jsonValue(body)
  if (validator.is(value)) return value
  throw new TenonError('DATA_FOLDER_CORRUPT', `${reader.path}: what is at position ${position} is no event`, {
    hint: 'Restore the file from a backup.',
  })
}

export const eventProblems = (event: EventRecord): Problem[] => validator.problems(event)
