import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { limits, TenonError } from '@tenon/contract'
import { openReader, type DatabaseReader } from '@tenon/database'
import { verifyChain, type ChainVerdict, type SignedStream } from './chain.ts'
import type { Checkpoint } from './checkpoint.ts'

export type BrokenStream = { stream: string; position: number; why: string }
/** The streams that are whole, and where each of the others breaks. `position` is a line's number from 1. */
export type Verification = { streams: Record<string, SignedStream>; broken: BrokenStream[] }

const LINES_A_TURN = 500
const CHUNK_BYTES = 1_048_576
const SQLITE_MAGIC = Buffer.from('SQLite format 3\0')

/** Computes every chain of an audit database anew, a few hundred lines a turn of the event loop. */
export async function verifyStreams(reader: DatabaseReader, checkpoint?: Checkpoint): Promise<Verification> {
  const names = reader.all({ stream: 'text' }, 'SELECT DISTINCT stream FROM audit_line ORDER BY stream')
  const streams = new Set([...names.map(({ stream }) => stream), ...Object.keys(checkpoint?.streams ?? {})])
  const found: Verification = { streams: {}, broken: [] }
  for (const stream of streams) {
    const expected = { stream, signed: checkpoint?.streams[stream] }
    note(found, stream, await verifyChain(linesOf(reader, stream), expected))
  }
  return found
}

/**
 * Verifies a file of lines, or an audit database. A file of lines is one stream, named as the file is.
 * Throws LEDGER_INVALID when it is neither.
 */
export async function verifyFile(path: string, checkpoint?: Checkpoint): Promise<Verification> {
  if (await isDatabase(path)) return verifyDatabase(path, checkpoint)
  const stream = basename(path)
  const signed = checkpoint?.streams[stream]
  const verdict = await verifyChain(linesIn(path), { signed })
  const found: Verification = { streams: {}, broken: [] }
  note(found, stream, verdict.ok && (await isTorn(path)) ? torn(verdict.count) : verdict)
  return found
}

function note(found: Verification, stream: string, verdict: ChainVerdict): void {
  if (verdict.ok) found.streams[stream] = { size: verdict.count, head: verdict.head, root: verdict.root }
  else found.broken.push({ stream, position: verdict.position, why: verdict.why })
}

async function verifyDatabase(path: string, checkpoint: Checkpoint | undefined): Promise<Verification> {
  const reader = openReader(path)
  try {
    const table = reader.get({ name: 'text' }, "SELECT name FROM sqlite_schema WHERE name = 'audit_line'")
    if (table === undefined) throw new TenonError('LEDGER_INVALID', `${path} holds no audit ledger`)
    return await verifyStreams(reader, checkpoint)
  } finally {
    reader.close()
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function* linesOf(reader: DatabaseReader, stream: string): AsyncGenerator<string> {
  for (let after = -1; ; await nextTurn()) {
    const rows = reader.all(
      { seq: 'number', line: 'text' },
      'SELECT seq, line FROM audit_line WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?',
      stream,
      after,
      LINES_A_TURN,
    )
    for (const { line } of rows) yield line
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.seq
  }
}

/** The lines of a file as bytes, because bytes that are no UTF-8 must not be taken for others. */
async function* linesIn(path: string): AsyncGenerator<Uint8Array> {
  const file = await opened(path)
  try {
    let rest = Buffer.alloc(0)
    for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: CHUNK_BYTES })) {
      rest = Buffer.concat([rest, chunk])
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        yield rest.subarray(0, end)
        rest = rest.subarray(end + 1)
      }
      // What is longer than any line is none, and reading on would only fill the memory.
      if (rest.length > limits.ledgerLineBytes) break
    }
    if (rest.length > 0) yield rest
  } finally {
    await file.close()
  }
}

const torn = (position: number): ChainVerdict => ({
  ok: false,
  position,
  why: 'has no line end: it was not written whole',
})

async function isTorn(path: string): Promise<boolean> {
  const file = await opened(path)
  try {
    const { size } = await file.stat()
    if (size === 0) return false
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
    return buffer[0] !== 10
  } finally {
    await file.close()
  }
}

async function isDatabase(path: string): Promise<boolean> {
  const file = await opened(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(SQLITE_MAGIC.length), 0, SQLITE_MAGIC.length, 0)
    return buffer.equals(SQLITE_MAGIC)
  } finally {
    await file.close()
  }
}

async function opened(path: string): ReturnType<typeof open> {
  try {
    const file = await open(path)
    if ((await file.stat()).isFile()) return file
    await file.close()
  } catch (cause) {
    throw new TenonError('LEDGER_INVALID', `${path} cannot be read`, { cause })
  }
  throw new TenonError('LEDGER_INVALID', `${path} is no file`)
}
