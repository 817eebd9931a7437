import { isUtf8 } from 'node:buffer'
import { canonicalJson, isObject, readCanonicalJson, type Digest } from '@tenon/contract'
import { bytesOf, growingRoot, hash, leafHash } from './merkle.ts'

/** How long a chain is, and the digest of its last line. */
export type Chain = { count: number; head: Digest }
/** What a checkpoint says of a stream: its first `size` lines end with `head` and have the Merkle root `root`. */
export type SignedStream = { size: number; head: Digest; root: Digest }
export type Broken = { ok: false; position: number; why: string }
export type ChainVerdict = ({ ok: true } & Chain & { root: Digest }) | Broken

export const EMPTY_CHAIN: Chain = { count: 0, head: hash() }

/** The next line of a chain: the entry as RFC 8785 text, with `seq` (from 0) and `prev`, the digest of the line before. */
export function chainLine(chain: Chain, entry: Readonly<Record<string, unknown>>): { line: string; chain: Chain } {
  const line = canonicalJson({ ...entry, seq: chain.count, prev: chain.head })
  return { line, chain: { count: chain.count + 1, head: hash(bytesOf(line)) } }
}

export type Expected = {
  /** The lines must reach at least as far as this, and be the same up to there. */
  signed?: SignedStream | undefined
  /** The stream that every line must name. */
  stream?: string
  /** Says what else is wrong with an entry. It hears every one, in turn, before it is known whether its line is chained. */
  entryFault?: (entry: Readonly<Record<string, unknown>>) => string | undefined
}

type Line = string | Uint8Array
type Link = { seq: number; prev: unknown; digest: Digest; leaf: string }
type Window = { position: number; before: Link | undefined; last: Link | undefined; link: Link; next: Link | undefined }

/**
 * Reads a chain from its beginning. A changed, deleted, inserted or moved line is named by its position, from 1.
 * Lines that are missing at the end, or a change of the last one, show only against a checkpoint.
 */
export async function verifyChain(
  lines: AsyncIterable<Line> | Iterable<Line>,
  expected: Expected = {},
): Promise<ChainVerdict> {
  const { signed } = expected
  const tree = growingRoot()
  let chain = EMPTY_CHAIN
  let [before, last, link]: (Link | undefined)[] = []
  const accept = (next: Link | undefined): Broken | undefined => {
    if (link === undefined) return undefined
    const position = chain.count + 1
    const fault = chainFault({ position, before, last, link, next })
    if (fault !== undefined) return fault
    tree.add(link.leaf)
    chain = { count: position, head: link.digest }
    return position === signed?.size ? signedFault(signed, chain, tree.root()) : undefined
  }
  for await (const line of lines) {
    const read = readLink(line, expected)
    const fault = accept(typeof read === 'string' ? undefined : read)
    if (fault !== undefined) return fault
    if (typeof read === 'string') return broken(chain.count + 1, read)
    ;[before, last, link] = [last, link, read]
  }
  const fault = accept(undefined) ?? truncation(signed, chain)
  return fault ?? { ok: true, ...chain, root: tree.root() }
}

const broken = (position: number, why: string): Broken => ({ ok: false, position, why })

/** Says which line is at fault when `link` does not follow the one before it. */
function chainFault({ position, before, last, link, next }: Window): Broken | undefined {
  if (follows(link, last)) return undefined
  if (last !== undefined && follows(link, before)) return broken(position - 1, 'was inserted')
  const seq = position - 1
  if (link.seq !== seq)
    return broken(position, `has seq ${link.seq} where ${seq} belongs: a line was deleted, inserted or moved`)
  const isIntact = next === undefined || next.prev === link.digest
  if (last !== undefined && isIntact)
    return broken(position - 1, `was changed after line ${position} was chained to it`)
  return broken(position, 'has a prev that is not the digest of the line before')
}

const follows = (link: Link, last: Link | undefined): boolean =>
  link.seq === (last?.seq ?? -1) + 1 && link.prev === (last?.digest ?? EMPTY_CHAIN.head)

function signedFault(signed: SignedStream, { head }: Chain, root: Digest): Broken | undefined {
  if (head === signed.head && root === signed.root) return undefined
  return broken(signed.size, 'is not what the checkpoint signed: it or lines before it were written anew')
}

function truncation(signed: SignedStream | undefined, { count }: Chain): Broken | undefined {
  if (signed === undefined || count >= signed.size) return undefined
  return broken(count + 1, `is missing: the checkpoint signed ${signed.size} lines, ${count} are here`)
}

/** Reads what chains a line, or says why it is no line of a chain. */
function readLink(line: Line, { stream, entryFault }: Expected): Link | string {
  const text = textOf(line)
  const entry = text === undefined ? undefined : readCanonicalJson(text)
  // Text that is not its own canonical form was not written by us, even when it means the same.
  if (!isObject(entry)) return 'is no object in canonical JSON'
  if (!Number.isSafeInteger(entry['seq'])) return 'has no seq'
  if (stream !== undefined && entry['stream'] !== stream) return `is not of the stream ${stream}`
  const fault = entryFault?.(entry)
  if (fault !== undefined) return fault
  const bytes = bytesOf(line)
  return { seq: Number(entry['seq']), prev: entry['prev'], digest: hash(bytes), leaf: leafHash(bytes) }
}

/** None for bytes that are no UTF-8, and for a text that has no bytes. */
function textOf(line: Line): string | undefined {
  if (typeof line === 'string') return line.isWellFormed() ? line : undefined
  return isUtf8(line) ? Buffer.from(line.buffer, line.byteOffset, line.length).toString() : undefined
}
