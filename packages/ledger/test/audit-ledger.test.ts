import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { limits, type AuditEntry, type World } from '@tenon/contract'
import { auditSchema, validatorOf } from '@tenon/contract/schema'
import { openGroupWriter, type GroupWriter } from '@tenon/database'
import { ledgerMigrations, openAuditLedger, verifyFile, type AuditLedger } from '@tenon/ledger'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'

const key = { keyId: 'k1', privateKey: generateKeyPairSync('ed25519').privateKey }
const world = simulatedWorld(1)
const entry = (change: Partial<AuditEntry> = {}): AuditEntry => ({
  actor: 'notes',
  action: 'event.publish',
  target: 'plugin.notes.saved',
  decision: 'allow',
  reason: 'granted',
  traceId: 't1',
  ...change,
})

const openWriter = (path: string): Promise<GroupWriter> =>
  openGroupWriter(path, { migrations: ledgerMigrations, world })

async function openLedger(
  path = join(temporaryFolder(), 'events.db'),
  inWorld: World = world,
): Promise<AuditLedger & { path: string; end(): Promise<void> }> {
  const writer = await openWriter(path)
  const ledger = openAuditLedger({ writer, world: inWorld })
  let open = true
  const end = async () => {
    if (!open) return
    open = false
    ledger.close()
    await writer.close()
  }
  onTestFinished(end)
  return { ...ledger, path, end }
}

/** What somebody with a database tool can do to the file. */
function tamper(path: string, sql: string): void {
  const db = new DatabaseSync(path)
  db.exec(`PRAGMA foreign_keys = OFF; DROP TRIGGER audit_line_unchanged; DROP TRIGGER audit_line_kept; ${sql}`)
  db.close()
}

describe('an entry', () => {
  test('is found once it is recorded, as a valid record that holds what was said', async () => {
    const ledger = await openLedger()
    await ledger.record(entry({ capability: 'event:publish:x', details: { bytes: 3 } }))
    const { items, total } = ledger.search({ limit: 10, offset: 0 })
    expect(total).toBe(1)
    expect(items[0]).toMatchObject({
      ...entry({ capability: 'event:publish:x', details: { bytes: 3 } }),
      stream: ledger.stream,
      seq: 0,
      at: '2026-01-01T00:00:00.000Z',
    })
    expect(validatorOf(auditSchema).problems(items[0])).toEqual([])
  })

  test('loses details that are too large, and says how large they were', async () => {
    const ledger = await openLedger()
    await ledger.record(entry({ details: { text: 'x'.repeat(limits.auditDetailsBytes) } }))
    await ledger.record(entry({ details: { text: 'x'.repeat(limits.auditDetailsBytes - 11) } }))
    const [whole, cut] = ledger.search({ limit: 2, offset: 0 }).items
    expect(cut?.details).toEqual({ omittedBytes: limits.auditDetailsBytes + 11 })
    expect(Object.keys(whole?.details ?? {})).toEqual(['text'])
  })

  test('that has no canonical form is refused alone', async () => {
    const ledger = await openLedger()
    await expect(ledger.record(entry({ details: { at: Number.NaN } }))).rejects.toThrow(
      expect.objectContaining({ code: 'CANONICAL_JSON_INVALID' }),
    )
    await ledger.record(entry())
    expect(await ledger.verify()).toMatchObject({ broken: [], streams: { [ledger.stream]: { size: 1 } } })
  })

  test('recorded beside others keeps its place in the chain', async () => {
    const ledger = await openLedger()
    await Promise.all(Array.from({ length: 1200 }, (_, n) => ledger.record(entry({ traceId: `t${n}` }))))
    expect(await ledger.verify()).toMatchObject({ broken: [], streams: { [ledger.stream]: { size: 1200 } } })
    expect(ledger.search({ limit: 2000, offset: 0 }).items).toHaveLength(limits.auditPageMax)
  })
})

describe('the search', () => {
  test('answers newest first, by page and by every filter', async () => {
    const ledger = await openLedger()
    const changes: Partial<AuditEntry>[] = [
      { actor: 'a' },
      { action: 'b' },
      { target: 'c' },
      { decision: 'deny' },
      { traceId: 'e' },
      { capability: 'storage:kv' },
    ]
    for (const change of changes) await ledger.record(entry(change))
    const search = (query: object) => ledger.search({ limit: 10, offset: 0, ...query })
    expect(search({}).items.map(({ seq }) => seq)).toEqual([5, 4, 3, 2, 1, 0])
    expect(search({ limit: 2, offset: 1 })).toMatchObject({ items: [{ seq: 4 }, { seq: 3 }], total: 6 })
    for (const [seq, filter] of changes.entries()) expect(search(filter)).toMatchObject({ items: [{ seq }], total: 1 })
    expect(search({ actor: 'a', decision: 'deny' })).toEqual({ items: [], total: 0 })
    expect(search({ actor: "a' OR true --" }).total).toBe(0)
  })

  test('counts what was allowed to an actor, by what it was', async () => {
    const ledger = await openLedger()
    const done: Partial<AuditEntry>[] = [
      { actor: 'a', capability: 'net:connect:b.example:443' },
      ...[{}, {}].map(() => ({ actor: 'a', capability: 'event:publish:x.y' })),
      { actor: 'a', capability: 'event:publish:x.z', decision: 'deny' },
      { actor: 'b', capability: 'storage:kv' },
      { actor: 'a' },
    ]
    for (const change of done) await ledger.record(entry(change))
    expect(ledger.uses('a')).toEqual([
      { capability: 'event:publish:x.y', times: 2 },
      { capability: 'net:connect:b.example:443', times: 1 },
    ])
    expect(ledger.uses('c')).toEqual([])
  })
})

describe('a ledger that cannot be written', () => {
  test('takes nothing more, so that nothing goes on unaudited', async () => {
    const ledger = await openLedger()
    await ledger.record(entry())
    const db = new DatabaseSync(ledger.path)
    db.exec("CREATE TRIGGER full BEFORE INSERT ON audit_line BEGIN SELECT RAISE(ABORT, 'no space'); END")
    const unavailable = expect.objectContaining({
      code: 'AUDIT_UNAVAILABLE',
      message: expect.stringContaining(ledger.path),
    })
    await expect(ledger.record(entry())).rejects.toThrow(unavailable)
    db.exec('DROP TRIGGER full')
    db.close()
    await expect(ledger.record(entry())).rejects.toThrow(unavailable)
    expect(ledger.search({ limit: 10, offset: 0 }).total).toBe(1)
    expect((await ledger.verify()).broken).toEqual([])
  })

  test('keeps no line that follows one which failed in the same commit', async () => {
    const ledger = await openLedger()
    const db = new DatabaseSync(ledger.path)
    db.exec("CREATE TRIGGER picky BEFORE INSERT ON audit_line WHEN NEW.seq = 1 BEGIN SELECT RAISE(ABORT, 'no'); END")
    db.close()
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => ledger.record(entry())))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(ledger.search({ limit: 10, offset: 0 }).total).toBe(1)
  })
})

describe('a restart', () => {
  test('begins a new stream and leaves the old ones verifiable', async () => {
    const first = await openLedger()
    await first.record(entry())
    await first.end()
    const second = await openLedger(first.path)
    await second.record(entry())
    await second.record(entry())
    expect(second.stream).not.toBe(first.stream)
    expect(await second.verify()).toMatchObject({
      broken: [],
      streams: { [first.stream]: { size: 1 }, [second.stream]: { size: 2 } },
    })
    expect(second.search({ limit: 1, offset: 0 }).items[0]).toMatchObject({ stream: second.stream, seq: 1 })
  })
})

describe('what was changed behind the back of the ledger', () => {
  const filled = async (): Promise<AuditLedger & { path: string; end(): Promise<void> }> => {
    const ledger = await openLedger()
    for (let n = 0; n < 5; n += 1) await ledger.record(entry({ traceId: `t${n}` }))
    return ledger
  }

  test('is refused by the table itself', async () => {
    const { path } = await filled()
    const db = new DatabaseSync(path)
    expect(() => db.exec("UPDATE audit_line SET line = replace(line, 'allow', 'deny')")).toThrow('append-only')
    expect(() => db.exec('DELETE FROM audit_line')).toThrow('append-only')
    db.close()
  })

  test.each([
    ['a changed line', "UPDATE audit_line SET line = replace(line, 'allow', 'deny') WHERE seq = 2", 3],
    ['a deleted line', 'DELETE FROM audit_line WHERE seq = 2', 3],
    ['a deleted beginning', 'DELETE FROM audit_line WHERE seq = 0', 1],
  ])('is named by stream and line: %s', async (_what, sql, position) => {
    const ledger = await filled()
    tamper(ledger.path, sql)
    const broken = [{ stream: ledger.stream, position, why: expect.any(String) }]
    expect(await ledger.verify()).toEqual({ streams: {}, broken })
    await expect(ledger.checkpoint(key)).rejects.toThrow(
      expect.objectContaining({ code: 'LEDGER_BROKEN', message: expect.stringContaining(`line ${position} of`) }),
    )
    await ledger.end()
    expect(await verifyFile(ledger.path)).toEqual({ streams: {}, broken })
  })

  test('is found against a checkpoint when it is the end, or all, of a stream', async () => {
    const ledger = await filled()
    const checkpoint = await ledger.checkpoint(key)
    expect(checkpoint).toMatchObject({ keyId: 'k1', streams: { [ledger.stream]: { size: 5 } } })
    await ledger.record(entry())
    expect((await ledger.verify(checkpoint)).broken).toEqual([])
    tamper(ledger.path, 'DELETE FROM audit_line WHERE seq > 2')
    expect((await ledger.verify()).broken).toEqual([])
    expect((await ledger.verify(checkpoint)).broken).toMatchObject([{ stream: ledger.stream, position: 4 }])
    const db = new DatabaseSync(ledger.path)
    db.exec('PRAGMA foreign_keys = OFF; DELETE FROM audit_line')
    db.close()
    expect((await ledger.verify(checkpoint)).broken).toMatchObject([{ stream: ledger.stream, position: 1 }])
  })

  test('is not shown as a record', async () => {
    const ledger = await filled()
    tamper(ledger.path, "UPDATE audit_line SET line = replace(line, 'allow', 'maybe') WHERE seq = 4")
    expect(() => ledger.search({ limit: 1, offset: 0 })).toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT' }),
    )
  })
})
